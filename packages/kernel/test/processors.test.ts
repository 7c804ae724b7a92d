import type { Machine } from "@pagelapse/kernel";
import { architectures } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { holdExamples, linux6 } from "./examples.ts";
import { at, machineFor, run } from "./notation.ts";
import { see } from "./sights.ts";

const two = { processors: 2 } as const;

/** Both processors know page 0 as written. */
const known = "map 0 rw-; store 0 01; cpu1: store 0 02";

holdExamples(
  [
    ["processors that run one task share its memory", known, "done", "1:0 = 02"],
    [
      "a protection that one takes the other hears of",
      `${known}; protect 0 r--; cpu1: store 0 03`,
      "SIGSEGV 0+0 forbidden",
      "1:0 = 02",
    ],
    ["an area that one unmaps, too", `${known}; cpu1: unmap 0; store 0 03`, "SIGSEGV 0+0 unmapped", ""],
    [
      "after a fork neither stores into the child's memory",
      `${known}; fork; cpu1: store 0 03; store 0+1 04`,
      "done",
      "1:0 = 03; 1:0+1 = 04; 2:0 = 02; 2:0+1 = 00",
    ],
    ["reclaim takes the page from both", `${known}; reclaim 0; cpu1: store 0 03`, "done", "1:0 = 03"],
    ["migration, too", `${known}; migrate 0; cpu1: store 0 03`, "done", "1:0 = 03"],
    ["after a move the old place is nowhere", `${known}; move 0 to 4; cpu1: store 0 03`, "SIGSEGV 0+0 unmapped", "1:4 = 02"],
    [
      "each runs its own task",
      "map 0 rw-; store 0 01; fork; cpu1: switch 2; cpu1: store 0 02; store 0 03",
      "done",
      "1:0 = 03; 2:0 = 02",
    ],
    [
      "a store of one task on both, one after the other",
      "map 0 rw-; store 0 01; fork; cpu1: switch 2; cpu1: store 0 02; switch 2; store 0+1 03",
      "done",
      "1:0 = 01; 2:0 = 02; 2:0+1 = 03",
    ],
    ["what ends on one has ended on the other", `${known}; exit; cpu1: store 0 03`, "SIGSEGV 0+0 unmapped", ""],
    [
      "write-back is heard of by both",
      "map 0 rw- file 1 shared; store 0 01; cpu1: store 0 02; sync 0 4; cpu1: store 0 03",
      "done",
      "1:0 is cache*2 rw AD",
    ],
  ],
  two,
);

describe.each(architectures.map((architecture) => [architecture.name, architecture] as const))("%s", (_, architecture) => {
  /** What the TLBs are told while the last step is taken: by whom, which one, how. */
  const told = (program: string, last: string): readonly string[] => {
    const machine = machineFor({ architecture, ...two });
    run(machine, program);
    const notes: string[] = [];
    const subscription = machine.events$.subscribe(({ kind, processor, vaddr, detail }) => {
      const page = vaddr === 0 ? "" : ` ${(vaddr - at(0)) / 4096}`;
      if (kind === "tlb-shot-down") notes.push(`${processor} tells ${JSON.stringify(detail)}${page}`);
      else if (kind.startsWith("tlb-") && kind.endsWith("flushed")) notes.push(`${processor} ${kind}${page}`);
    });
    run(machine, last);
    subscription.unsubscribe();
    return notes;
  };
  const page = '{"processor":1,"scope":"page"}';

  test.each<[promise: string, program: string, last: string, notes: readonly string[]]>([
    [
      "who changes an entry flushes, tells the other, and that one flushes",
      known,
      "protect 0 r--",
      ["0 tlb-page-flushed 0", `0 tells ${page} 0`, "1 tlb-page-flushed 0"],
    ],
    [
      "the other way round",
      known,
      "cpu1: protect 0 r--",
      ["1 tlb-page-flushed 0", `1 tells ${page.replace("1", "0")} 0`, "0 tlb-page-flushed 0"],
    ],
    ["not who runs another task", `${known}; fork; cpu1: switch 2`, "unmap 0", ["0 tlb-page-flushed 0"]],
    [
      "nor who ran it before",
      "map 0 rw- shared; store 0 01; fork; cpu1: switch 2; switch 2; cpu1: switch 1",
      "protect 0 r--",
      [],
    ],
    ["a kernel that omits it tells nobody", known, "protect 0 r-- noflush", []],
    [
      "more than 33 pages are flushed as a space",
      "map 0-40 rw-; store 0 01; store 40 01",
      "unmap 0-40",
      ["0 tlb-space-flushed", '0 tells {"processor":1,"scope":"space"}', "1 tlb-space-flushed"],
    ],
    ["another task, another root: the processor forgets everything", "fork", "switch 2", ["0 tlb-flushed"]],
    ["the same task stays", "fork", "switch 1", []],
    [
      "a flush by hand",
      known,
      "flush space",
      ["0 tlb-space-flushed", '0 tells {"processor":1,"scope":"space"}', "1 tlb-space-flushed"],
    ],
    ["of this processor alone", known, "flush processor", ["0 tlb-flushed"]],
  ])("%s", (_promise, program, last, notes) => {
    expect(told(program, last)).toEqual(notes);
  });

  test.each<[promise: string, program: string, result: string, seen: string]>([
    ["a protection: it stores on", `${known}; protect 0 r-- noflush; cpu1: store 0 03`, "done", "1:0 = 03"],
    ["a fork: it stores into the child's memory", `${known}; fork noflush; cpu1: store 0 03`, "done", "1:0 = 03; 2:0 = 03"],
    ["a reclaim: its store is lost", `${known}; reclaim 0 noflush; cpu1: store 0 03`, "done", "1:0 = 02"],
    ["a migration: its store is lost", `${known}; migrate 0 noflush; cpu1: store 0 03`, "done", "1:0 = 02"],
    [
      "a write-back: its store is not noticed",
      "map 0 rw- file 1 shared; cpu1: store 0 02; sync 0 4 noflush; cpu1: store 0 03",
      "done",
      "1:0 = 03; 1:0 is cache*2 r- A-",
    ],
  ])("a processor that was not told of %s", (_promise, program, result, seen) => {
    const machine: Machine = machineFor({ architecture, ...two, swapFrames: 2 });
    expect(run(machine, program)).toBe(result);
    expect(see(machine, seen)).toBe(seen);
  });
});

test.each(linux6.map((architecture) => [architecture.name, architecture] as const))(
  "%s: a processor that was not told that soft-dirty was cleared sets it no more",
  (_, architecture) => {
    const machine = machineFor({ architecture, ...two });
    run(machine, `${known}; clear soft-dirty noflush; cpu1: store 0 03`);
    expect(see(machine, "1:0 = 03; 1:0 has -")).toBe("1:0 = 03; 1:0 has -");
    run(machine, "flush space; cpu1: store 0 04");
    expect(see(machine, "1:0 has S")).toBe("1:0 has S");
  },
);

test("commands name a processor that there is", () => {
  expect(() => run(machineFor(two), "cpu2: store 0 01")).toThrow(RangeError);
});
