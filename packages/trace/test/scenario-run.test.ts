import { strategies, strategyNamed } from "@pagelapse/checkpoint";
import { parseScenario, runScenario } from "@pagelapse/trace";
import { describe, expect, test } from "vitest";
import { foundOf, judged, play, refusalOf } from "./play.ts";

describe("a line that asks for what cannot be ends in an error that says where", () => {
  const a = "map A 2 rw anon\n";
  test.each<readonly [text: string, place: string, expected: string, found: string]>([
    ["w A.0 1", "1:3", "an area mapped before (HEAP)", "A"],
    [`${a}w B.0 1`, "2:3", "an area mapped before (HEAP, A)", "B"],
    [`${a}w A.2 1`, "2:3", "a page of A, which has 2 pages", "A.2"],
    [`${a}w A.-1 1`, "2:3", "a page of A, which has 2 pages", "A.-1"],
    ["w HEAP.0 1", "1:3", "a page of HEAP, which has 0 pages", "HEAP.0"],
    [`${a}unmap A.0-2`, "2:7", "a page of A, which has 2 pages", "A.2"],
    [`${a}map B 1 rw anon after C`, "2:23", "an area mapped before (HEAP, A)", "C"],
    [`${a}map B 1 rw anon at 0x10000000`, "2:1", "map B 1 rw anon at 0x10000000 to succeed", "EEXIST"],
    [`${a}map B 1 rw anon at 0x10000800`, "2:1", "map B 1 rw anon at 0x10000800 to succeed", "EINVAL"],
    [`${a}map B 1 rw anon at 0x1fffffffffffff`, "2:1", "map B 1 rw anon at 0x1fffffffffffff to succeed", "ENOMEM"],
    ["map A 1 rw file-private f@0", "1:25", "a file given before (file f@0 ...)", "f"],
    [`${a}protect A r\nw A.1 1`, "3:1", "w A.1 1 to succeed", "SIGSEGV"],
    [`${a}r A.0 fails SIGSEGV`, "2:1", "r A.0 to fail with SIGSEGV", "success"],
    [`${a}w A.0 1 fails ENOMEM`, "2:1", "w A.0 1 to fail with ENOMEM", "success"],
    [`${a}unmap A\n  kw A.0 1`, "3:3", "kw A.0 1 to succeed", "SIGSEGV"],
    [`${a}dev P 1`, "2:1", "dev P 1 to succeed", "ENOENT"],
    [`${a}unpin P`, "2:1", "unpin P to succeed", "ENOENT"],
    [`${a}pin P A.0\npin P A.1`, "3:1", "pin P A.1 to succeed", "EEXIST"],
    [`${a}pin P A.0\ndev P+4096 1`, "3:1", "dev P+4096 1 to succeed", "EINVAL"],
    [`${a}1: w A.0 1`, "2:1", "a processor below 1", "1:"],
    [`machine i386 processors 2\n${a}  2: r A.0`, "3:3", "a processor below 2", "2:"],
    ["switch 7", "1:1", "switch 7 to succeed", "ESRCH"],
    ["fork 1", "1:1", "fork 1 to succeed", "EEXIST"],
    [`exit\n${a}`, "2:1", "map A 2 rw anon to succeed", "ESRCH"],
    [`${a}swapout A.0`, "2:1", "swapout A.0 to succeed", "EFAULT"],
    [`machine i386 swap 0\n${a}w A.0 1\nswapout A.0`, "4:1", "swapout A.0 to succeed", "ENOSPC"],
    [`machine i386\n${a}clear-refs`, "3:1", "clear-refs to succeed", "EINVAL"],
    ["brk -1", "1:1", "brk -1 to succeed", "ENOMEM"],
    [
      "machine i386 ram 16\nmap A 99 rw anon\nw A.0 1\nw A.1 1\nw A.2 1\nw A.3 1\nw A.4 1\nw A.5 1\nw A.6 1\nw A.7 1\nw A.8 1\nw A.9 1\nw A.10 1\nw A.11 1\nw A.12 1",
      "15:1",
      "a free frame",
      "all 16 in use",
    ],
    [`${a}w A.0 1\nassert A.0 == 2`, "3:8", "A.0 == 2", "1"],
    [`${a}w A.0+4095 0x0102\nassert A.0+4095 == 0x0103`, "3:8", "A.0+4095 == 0x0103", "0x0102"],
    [`${a}unmap A\nassert A.0 == 0`, "3:8", "A.0 == 0", "nothing mapped"],
    ["file f@0 1 2\nassert f@1 == 1", "2:8", "f@1 == 1", "2"],
    ["assert f@0 == 0", "1:8", "a file given before (file f@0 ...)", "f"],
    [`${a}w A.0 1\nassert A.0 not dirty`, "3:8", "A.0 not dirty", "mapped, present, dirty, soft-dirty"],
    [`${a}unmap A\nassert A.0 mapped`, "3:8", "A.0 mapped", "nothing there"],
    [`machine x86-64 processors 2\n${a}1: assert A.0 == 9`, "3:11", "A.0 == 9", "0"],
    ["checkpoint K0\ncheckpoint K0", "2:12", "a name that no checkpoint before has", "K0"],
    ["clear K0", "1:7", "collect K0 before", "clear K0"],
    ["collect K0\ncommit K0", "2:8", "copy K0 before", "commit K0"],
    ["collect K0\ncopy K0\ncopy K0", "3:6", "copy once", "another copy K0"],
    ["collect K0\ncopy K0", "1:1", "commit K0 before the end", "the end"],
    ["fork 7\ncollect K0\nswitch 7\ncopy K0", "4:6", "the process that the checkpoint is of", "another one"],
    ["expect dirty-bits holds", "1:8", `a strategy (${strategies.map(({ name }) => name).join(", ")})`, "dirty-bits"],
    ["expect dirty-bit fails at K0", "1:27", "a checkpoint of this scenario", "K0"],
    [`${a}checkpoint K0\nexpect dirty-bit loses B at K0`, "3:24", "an area mapped before (HEAP, A)", "B"],
  ])("%j", (text, place, expected, found) => {
    const error = refusalOf(text, ["dirty-bit"]);
    expect([`${error.line}:${error.column}`, error.expected, error.found]).toEqual([place, expected, found]);
  });
});

test("a TLB that was not told leads to what is a page table now; the machine that breaks by it says so", () => {
  // A.0's frame becomes B's pmd, and the store an entry of it that leads to a table where no memory is.
  const text =
    "map A 1 rw anon\nw A.0 1\ndontneed A noflush\nmap B 1 rw anon at 0x50000000\nw B.0 1\nw A.0+1024 0x67f0ffff00000000\n";
  const error = refusalOf(text, ["dirty-bit"]);
  expect([error.line, error.expected]).toEqual([6, "page tables that nobody stored to after a noflush"]);
  expect(play(text.replace(" noflush", ""), ["dirty-bit"])[0].verdict).toBe("met");
});

describe("a line does what it says", () => {
  test.each<readonly [what: string, text: string]>([
    [
      "areas that nobody places do not touch",
      "map A 1 rw anon\nmap B 1 rw anon\nmove A to C\nassert A.0 not mapped\nw C.0 1\nassert C.0 == 1",
    ],
    ["an area has the place that it had", "map A 2 rw anon\nw A.0 1\nunmap A\nmap A 2 rw anon\nassert A.0 == 0"],
    [
      "part of an area moves",
      "map A 3 rw anon\nw A.1 7\nmove A.1 to B\nassert B.0 == 7\nassert A.1 not mapped\nassert A.2 mapped",
    ],
    ["a stack grows", "map S 1 rw stack\nw S.-2 1\nassert S.-2 == 1\nw S.-1000 1\nassert S.-1 mapped"],
    ["the heap grows and shrinks", "brk +2\nw HEAP.1 1\nassert HEAP.1 == 1\nbrk -1\nr HEAP.0"],
    ["a store reaches into the next page", "map A 2 rw anon\nw A.0+4094 0x01020304\nassert A.1 == 0x0304"],
    [
      "a file's pages are mapped, private and shared",
      "file f@0 7 8\nmap A 2 rw file-private f@0\nmap B 1 rw file-shared f@1\nw B.0 9\nassert A.1 == 9\nw A.1 1\nassert B.0 == 9\nassert f@1 == 8\nwriteback f\nassert f@1 == 9",
    ],
    ["msync writes back", "file f@0 7\nmap A 1 rw file-shared f@0\nw A.0 8\nmsync A\nassert f@0 == 8"],
    [
      "a processor runs another process",
      "machine i386 processors 2\nmap A 1 rw anon\nw A.0 1\nfork 7\n1: switch 7\n1: w A.0 2\nassert A.0 == 1\n1: assert A.0 == 2\n1: exit\n1: r A.0 fails SIGSEGV",
    ],
    [
      "a child has what its parent lets it have",
      "map A 1 rw anon\nmap B 1 rw anon\nw A.0 1\nw B.0 1\nwipeonfork A\ndontfork B\nfork 7\nswitch 7\nassert A.0 == 0\nassert B.0 not mapped\nswitch 1\nassert A.0 == 1",
    ],
    [
      "swap, migration and pins",
      "map A 1 rw anon\nw A.0 1\nmigrate A.0\nswapout A.0\nassert A.0 swapped\nassert A.0 == 1\npin P A.0\nassert A.0 present\nswapout A.0 fails EBUSY\ndev P+1 2\nunpin P\nassert A.0 == 0x0102",
    ],
    [
      "large pages",
      "machine x86-64 ram 2048\nmap A 512 rw anon\nw A.3 1\ncollapse A.9\nassert A.9 large\nsplit A.0\nassert A.9 not large\nassert A.3 == 1",
    ],
    [
      "a log that has no room",
      "map A 2 rw anon\nlog 1\nw A.0 1\nw A.1 1\nassert A.0 logged\nassert A.1 not logged\nlog take\nassert A.0 not logged",
    ],
    [
      "a TLB that is told nothing, and then is",
      "map A 1 rw anon\nw A.0 1\nprotect A r noflush\nw A.0 2\nflush A.0\nw A.0 3 fails SIGSEGV\nassert A.0 == 2",
    ],
    [
      "marks for userfaultfd",
      "map A 2 rw anon\nw A.0 1\nwp A on\nassert A.0 write-protected\nassert A.1 not write-protected\nw A.0 2\nassert A.0 not write-protected",
    ],
  ])("%s", (_, text) => {
    expect(play(text, ["dirty-bit"])[0].verdict).toBe("met");
  });
});

describe("what came of a strategy", () => {
  const history = "map A 2 rw anon\nw A.0 1\nw A.1 1\ncheckpoint K0\nunmap A.1\ncheckpoint K1\n";

  test("is compared with what is expected, page by page, and all of it", () => {
    const verdictOf = (expectation: string): string => play(`${history}${expectation}`, ["report-incremental"])[0].verdict;
    expect(verdictOf("expect report-incremental resurrects A.1 at K1")).toBe("met");
    expect(verdictOf("expect report-incremental resurrects A at K1")).toBe("not met");
    expect(verdictOf("expect report-incremental loses A.1 at K1")).toBe("not met");
    expect(verdictOf("expect report-incremental resurrects A.1 at K0")).toBe("not met");
    expect(verdictOf("expect report-incremental holds")).toBe("not met");
    expect(verdictOf("expect report-basic holds")).toBe("nothing expected");
  });

  test("is told in the words of the language", () => {
    const [dirtyBit, basic, incremental, printed] = play(
      `${history}expect dirty-bit fails at K0\nexpect report-incremental loses A.0 at K1`,
      [...judged, "report-as-printed"],
    );
    expect(dirtyBit).toMatchObject({
      strategy: "dirty-bit",
      verdict: "not met",
      expected: ["fails at K0"],
      found: ["holds"],
      checkpoints: 2,
      pagesSaved: 2,
    });
    expect(basic).toMatchObject({ verdict: "nothing expected", expected: undefined, found: ["holds"], pagesSaved: 3 });
    expect(incremental).toMatchObject({ verdict: "not met", expected: ["loses A.0 at K1"], found: ["resurrects A.1 at K1"] });
    expect(printed).toMatchObject({ found: ["fails at K0", "fails at K1"], checkpoints: 0 });
  });

  test("who claims to be correct is expected to hold unless the scenario says otherwise", () => {
    const stolen = "map A 1 rw anon\nw A.0 1\ncheckpoint K0 by T\nw A.0 2\ncheckpoint L0 by U\ncheckpoint K1 by T\n";
    expect(play(stolen, ["dirty-bit"])[0]).toMatchObject({ expected: ["holds"], found: ["loses A.0 at K1"], verdict: "not met" });
    expect(play(`${stolen}expect dirty-bit loses A.0 at K1`, ["dirty-bit"])[0].verdict).toBe("met");
  });

  test("a checkpoint with its steps apart is right if each page is as it was at some moment of it", () => {
    const amid = (store: string): string =>
      `map A 2 rw anon\nw A.0 1\nw A.1 1\ncheckpoint K0\nw A.0 2\ncollect K1\n${store}clear K1\nflush space\ncopy K1\ncommit K1\ncheckpoint K2\n`;
    expect(foundOf(amid(""), "dirty-bit")).toBe("holds");
    expect(foundOf(amid("w A.1 2\nw A.0 3\n"), "dirty-bit")).toBe("holds");
    expect(foundOf(amid("map B 1 rw anon\n"), "dirty-bit")).toBe("fails at K1");
  });

  test("a checkpoint of another process begins another chain", () => {
    const two =
      "map A 1 rw anon\nw A.0 1\ncheckpoint K0\nfork 7\nw A.0 2\nswitch 7\ncheckpoint L0\nw A.0 3\ncheckpoint L1\nswitch 1\ncheckpoint K1\n";
    for (const strategy of ["dirty-bit", "report-basic", "report-incremental"])
      expect(foundOf(two, strategy), strategy).toBe("holds");
  });

  test("each process of the tree is judged", () => {
    const tree = "map A 1 rw anon\nw A.0 1\nfork 7\nswitch 7\nw A.0 2\nswitch 1\ncheckpoint K0\nswitch 7\nw A.0 3\nswitch 1\n";
    for (const strategy of ["dirty-bit", "soft-dirty", "sub-page", "forked"])
      expect(foundOf(`${tree}checkpoint K1\n`, strategy), strategy).toBe("holds");
    const bare = tree.replace("switch 7\nw A.0 3\nswitch 1\n", "1: switch 7\n1: w A.0 3\ncheckpoint K1\n1: w A.0 4\n");
    const onTwo = `machine x86-64 processors 2\n${bare}checkpoint K2\n`;
    expect(foundOf(onTwo, "dirty-bit")).toBe("holds");
    expect(foundOf(onTwo, "dirty-bit-no-flush")).toBe("loses A.0 at K2");
  });

  test("a page of shared memory that only another process stored to is brought back", () => {
    expect(foundOf("map A 1 rw anon-shared\nw A.0 1\nfork 7\nswitch 7\ncheckpoint K0", "dirty-bit")).toBe("holds");
  });

  test("a mark on shared memory is kept for the images of the other process, which it is shared with", () => {
    const text =
      "map A 1 rw anon-shared\nw A.0 1\nfork 7\nswitch 7\nr A.0\ncheckpoint L0\nswitch 1\nw A.0 2\ncheckpoint K0\nexit\nswitch 7\ncheckpoint L1\n";
    expect(foundOf(text, "dirty-bit")).toBe("holds");
  });

  test("is the same each time", () => {
    expect(play(history)).toEqual(play(history));
  });

  test("a strategy of one's own is played like any other", () => {
    const nothing = strategyNamed("report-basic");
    if (nothing === undefined) throw new Error("no report-basic");
    const lazy = {
      ...nothing,
      name: "lazy",
      start: () => ({ take: () => ({ kind: "failed" as const, path: "", reason: "no wish to" }) }),
    };
    const [outcome] = runScenario(parseScenario(`${history}expect lazy fails at K0\nexpect lazy fails at K1`), {
      strategies: [lazy],
    });
    expect(outcome.verdict).toBe("met");
  });
});

describe("a store that fails", () => {
  const before = "map A 1 rw anon\nw A.0 1\ncheckpoint K0\nw A.0 2\n";
  test.each<readonly [faults: string, strategy: string, then: string]>([
    ["fault 1.. ENOSPC", "dirty-bit", "fails at K1"],
    ["fault 1.. ENOSPC", "clear-before-commit", "fails at K1, loses A.0 at K2"],
    ["fault 1.. EIO done", "dirty-bit", "fails at K1"],
    ["fault 1.. short 100", "dirty-bit", "holds"],
    ["fault 1.. short 100", "report-incremental", "loses A.0 at K1"],
    ["fault none", "report-incremental", "holds"],
  ])("%s: %s %s", (faults, strategy, then) => {
    expect(foundOf(`${before}${faults}\ncheckpoint K1\nfault none\ncheckpoint K2`, strategy)).toBe(then);
  });

  test("calls are counted from the line on, and those of other strategies do not count", () => {
    const found = (faults: string): string => foundOf(`${before}${faults}\ncheckpoint K1`, "report-basic");
    const losing = Array.from({ length: 12 }, (_, call) => call + 1).filter((call) => found(`fault ${call} EIO`) !== "holds");
    expect(losing).toEqual([1, 2, 3, 4, 5, 6]);
    expect(play(`${before}fault 3 EIO\ncheckpoint K1`, ["dirty-bit", "report-basic"])[1].found).toEqual(
      play(`${before}fault 3 EIO\ncheckpoint K1`, ["report-basic"])[0].found,
    );
  });
});

test("an area moves to where a line says", () => {
  expect(foundOf("map A 2 rw anon\nw A.1 7\nmove A.1 to B after A\nassert B.0 == 7\ncheckpoint K0", "dirty-bit")).toBe("holds");
});

test("a store that never comes to its file corrupts it, though the page has left memory", () => {
  const text = "file f@0 0\nmap A 1 rw file-shared f@0\nw A.0 1\ncheckpoint K0\nw A.0 2\nswapout A.0";
  expect(foundOf(text, "report-incremental")).toBe("corrupts A.0");
  expect(foundOf(text, "dirty-bit")).toBe("holds");
});

test("freed pages are right whether they are dropped or kept", () => {
  const text = "map A 1 rw anon\nw A.0 1\nswapout A.0\ncheckpoint K0\nfree A.0\nr A.0";
  expect(foundOf(text, "report-incremental")).toBe("loses A.0 at K0");
});

test("what a checkpoint saves is counted, beside what goes wrong", () => {
  const before = "map A 2 rw anon\nw A.0 1\nw A.1 2\ncheckpoint K0\nw A.0 3\ncheckpoint K1\n";
  const outcomesOf = (expectation: string) => play(`${before}expect dirty-bit ${expectation}`, ["dirty-bit"])[0];
  expect(outcomesOf("saves 1 at K1")).toMatchObject({ verdict: "met", found: ["holds", "saves 1 at K1"] });
  expect(outcomesOf("saves 2 at K1")).toMatchObject({
    verdict: "not met",
    expected: ["holds", "saves 2 at K1"],
    found: ["holds", "saves 1 at K1"],
  });
});

test("a checkpoint that fails with its store is no fault of who claims to be correct, unless the scenario says what is to come", () => {
  const text = "map A 1 rw anon\nfault 1.. EIO\ncheckpoint K0";
  expect(play(text, ["dirty-bit"])[0]).toMatchObject({ verdict: "met", expected: ["fails at K0"], found: ["fails at K0"] });
  expect(play(`${text}\nexpect dirty-bit holds`, ["dirty-bit"])[0]).toMatchObject({ verdict: "not met", expected: ["holds"] });
});
