import { BadImage, compareMemory, cpRange, lookupAddressPage, openFile, readRecords, strategyNamed } from "@pagelapse/checkpoint";
import type { Comparison, Strategy } from "@pagelapse/checkpoint";
import { architectures, frameBytes, writeEntry, x86_64 } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { KERNEL_DS, MemoryFileSystem, USER_DS, getFs, isFailure, mkdir, readFile, withKernelLimit } from "@pagelapse/vfs";
import type { FileSystem } from "@pagelapse/vfs";
import { VM_IO, VM_READ, VM_WRITE } from "@pagelapse/vma";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { act, growingHistories, histories, pageAt, parse, withoutTrouble } from "./history.ts";
import type { Step } from "./history.ts";
import { present } from "./present.ts";
import { World } from "./world.ts";

const basic = present(strategyNamed("report-basic"));
const incremental = present(strategyNamed("report-incremental"));
const asPrinted = present(strategyNamed("report-as-printed"));

/** What was wrong at each checkpoint of a history, and what the reader complained of. */
interface Judgement {
  readonly comparison: Comparison;
  readonly complaints: readonly string[];
}

/** Runs a history and reads each file back when it is written. Several processes may share a file system. */
function judge(
  strategy: Strategy,
  steps: readonly Step[],
  fileSystem: FileSystem = new MemoryFileSystem(),
  architecture: Architecture = x86_64,
): readonly Judgement[] {
  const world = new World(architecture, fileSystem);
  const checkpointer = strategy.start();
  const rebuild = strategy.rebuild(architecture);
  return steps.flatMap((step) => {
    if (step.do !== "checkpoint") {
      act(world, step);
      return [];
    }
    const { path } = checkpointer.take(world);
    const complaints = complaintsOf(() => rebuild.add(world.store, path));
    return [{ comparison: compareMemory(world, rebuild.image), complaints }];
  });
}

/** What a rebuild complains of, or why it does not believe the file. */
function complaintsOf(add: () => readonly string[]): readonly string[] {
  try {
    return add();
  } catch (reason) {
    if (reason instanceof BadImage) return [reason.found];
    throw reason;
  }
}

/** The wrong pages of the last checkpoint: `lost 1, stale 0, ...`, and the first of them by its number. */
function lastOf(judgements: readonly Judgement[]): string {
  const { lost, stale, resurrected, first } = present(judgements.at(-1)).comparison;
  const counts = [`${lost} lost`, `${stale} stale`, `${resurrected} resurrected`]
    .filter((count) => !count.startsWith("0"))
    .join(", ");
  return first === undefined ? "all right" : `${counts}, first page ${(first.vaddr - pageAt(0)) / frameBytes}`;
}

function bytesOf(world: World, path: string): Uint8Array {
  const bytes = readFile(world.store, path);
  if (isFailure(bytes)) throw new Error(`${path}: ${bytes.errno}`);
  return bytes;
}

describe.each(architectures.map((architecture) => [architecture.name, architecture] as const))("%s", (_, architecture) => {
  test("a file is address, page and newline for each page, in order", () => {
    const world = new World(architecture, new MemoryFileSystem(), 42);
    for (const step of parse("map 0 3 rw- anonymous\nstore 2 7\nstore 0 5")) if (step.do !== "checkpoint") act(world, step);
    const result = basic.start().take(world);
    const word = (vaddr: number): Uint8Array =>
      new Uint8Array(new BigUint64Array([BigInt(vaddr)]).buffer).slice(0, architecture.wordBytes);
    const record = (page: number): number[] => [...word(pageAt(page)), ...present(world.expected(pageAt(page))), 10];
    expect(bytesOf(world, "cp_42_0")).toEqual(Uint8Array.from([...record(0), ...record(2)]));
    const byteCount = 2 * (architecture.wordBytes + 4097);
    expect(result).toEqual({
      kind: "committed",
      path: "cp_42_0",
      pagesSaved: 2,
      byteCount,
      presentPages: 2,
      fullBytes: byteCount,
    });
    expect(world.savedPages).toEqual([pageAt(0), pageAt(2)]);
  });

  test("files of a process that only ever got more memory, all its own, give it back", () => {
    for (const strategy of [basic, incremental]) {
      fc.assert(
        fc.property(growingHistories, (steps) => {
          // What is mapped anew there loses its pages: once is enough.
          const mapped = new Set<number>();
          const growing = steps.filter(
            (step) => step.do !== "map" || (!mapped.has(step.page) && step.count === 1 && mapped.add(step.page)),
          );
          for (const { comparison, complaints } of judge(strategy, growing, undefined, architecture)) {
            expect(comparison.first).toBeUndefined();
            expect(complaints).toEqual([]);
          }
        }),
        { numRuns: 40 },
      );
    }
  });
});

/** The pages that a checkpoint of a range saves: 0 and 2 are there, 1 is a device's. */
function takenOf(from: number, to: number): readonly number[] {
  const world = new World(x86_64, new MemoryFileSystem());
  for (const page of [0, 1, 2]) {
    world.map(pageAt(page), pageAt(page + 1), VM_READ | VM_WRITE | (page === 1 ? VM_IO : 0), "anonymous", 0);
    world.storeByte(pageAt(page), 1);
  }
  cpRange(world, from, to, 0);
  return world.savedPages.map((vaddr) => (vaddr - pageAt(0)) / frameBytes);
}

describe("a range", () => {
  test.each<readonly [string, number, number, readonly number[]]>([
    ["holds pages that lie wholly inside", pageAt(0), pageAt(3), [0, 2]],
    ["that begins inside a page leaves it out", pageAt(0) + 1, pageAt(3), [2]],
    ["that ends inside a page leaves it out", pageAt(0), pageAt(3) - 1, [0]],
    ["of nothing holds nothing", pageAt(2), pageAt(2), []],
    ["of device memory holds nothing", pageAt(1), pageAt(2), []],
  ])("%s", (_, from, to, pages) => {
    expect(takenOf(from, to)).toEqual(pages);
  });
});

test("no page table, an entry that is none, and the zero page have no address page", () => {
  const world = new World(x86_64, new MemoryFileSystem());
  world.map(pageAt(0), pageAt(3), VM_READ | VM_WRITE, "anonymous", 0);
  expect(lookupAddressPage(world, pageAt(0))).toBeUndefined();
  world.load(pageAt(0));
  expect([lookupAddressPage(world, pageAt(0)), lookupAddressPage(world, pageAt(1))]).toEqual([undefined, undefined]);
  world.storeByte(pageAt(0), 1);
  expect(lookupAddressPage(world, pageAt(0) + 123)).toBe(world.entryAt(pageAt(0)));
});

test("the address limit is lifted for the file and put back, also when it does not open", () => {
  const world = new World(x86_64, new MemoryFileSystem());
  const { oldFs } = openFile(world.store, "f");
  expect([oldFs, getFs(world.store)]).toEqual([USER_DS, KERNEL_DS]);
  withKernelLimit(world.store, () => basic.start().take(world));
  expect(getFs(world.store)).toBe(KERNEL_DS);

  const refused = new World(x86_64, new MemoryFileSystem());
  mkdir(refused.store, "cp_1_0", 0o755);
  expect(basic.start().take(refused)).toEqual({ kind: "failed", path: "cp_1_0", reason: "cp_1_0 did not open: EISDIR" });
  expect([getFs(refused.store), refused.checkCount, refused.ends]).toEqual([USER_DS, 1, ["failed"]]);
  expect(basic.start().take(refused)).toMatchObject({ kind: "committed", path: "cp_1_1" });
});

describe("the report's incremental", () => {
  test("saves every present page every time, whatever was stored to", () => {
    const world = new World(x86_64, new MemoryFileSystem());
    world.map(pageAt(0), pageAt(3), VM_READ | VM_WRITE, "anonymous", 0);
    for (const page of [0, 1, 2]) world.storeByte(pageAt(page), 1);
    const checkpointer = incremental.start();
    for (let count = 0; count < 3; count++) {
      const result = checkpointer.take(world);
      expect(result).toMatchObject({ pagesSaved: 3, presentPages: 3 });
      expect(result.kind === "committed" && result.byteCount === result.fullBytes).toBe(true);
    }
  });

  test("clears D without a flush: the next store through the TLB leaves it clear", () => {
    const world = new World(x86_64, new MemoryFileSystem());
    world.map(pageAt(0), pageAt(1), VM_READ | VM_WRITE, "anonymous", 0);
    world.storeByte(pageAt(0), 1);
    incremental.start().take(world);
    world.storeByte(pageAt(0), 2);
    expect(world.memory.readWord(world.entryAt(pageAt(0))) & x86_64.bits.dirty).toBe(0);
    basic.start().take(world);
    world.flush();
    world.storeByte(pageAt(0), 3);
    expect(world.memory.readWord(world.entryAt(pageAt(0))) & x86_64.bits.dirty).not.toBe(0);
  });

  // The smallest histories whose files do not give memory back. Each line of a file says what a page holds, none that it is gone.
  test.each<readonly [string, string, string]>([
    [
      "a page that was unmapped comes back",
      "map 0 1 rw- anonymous\nstore 0 1\ncheckpoint\nunmap 0 1\ncheckpoint",
      "1 resurrected, first page 0",
    ],
    [
      "a page that was moved is in both places",
      "map 0 1 rw- anonymous\nstore 0 1\ncheckpoint\nmove 0 to 2\ncheckpoint",
      "1 resurrected, first page 0",
    ],
    [
      "a page that was discarded keeps its bytes",
      "map 0 1 rw- anonymous\nstore 0 1\ncheckpoint\ndiscard 0 1\ncheckpoint",
      "1 stale, first page 0",
    ],
    [
      "memory mapped anew has the bytes of what was there",
      "map 0 1 rw- anonymous\nstore 0 1\ncheckpoint\nmap 0 1 rw- anonymous\ncheckpoint",
      "1 stale, first page 0",
    ],
    [
      "a page that may not be read is never saved",
      "map 0 1 rw- anonymous\nstore 0 1\nprotect 0 1 ---\ncheckpoint",
      "1 lost, first page 0",
    ],
    [
      "a page changed and then forbidden keeps its old bytes",
      "map 0 1 rw- anonymous\nstore 0 1\ncheckpoint\nstore 0 2\nprotect 0 1 ---\ncheckpoint",
      "1 stale, first page 0",
    ],
    [
      "a file that another mapping stored to is not seen where no entry leads to it",
      "map 0 1 rw- shared file\nmap 1 1 rw- shared file\nstore 0 1\ncheckpoint",
      "1 lost, first page 1",
    ],
    [
      "shared memory that no entry leads to is not seen",
      "map 0 1 rw- shared memory\nstore 0 1\ndiscard 0 1\ncheckpoint",
      "1 lost, first page 0",
    ],
  ])("%s", (_, text, wrong) => {
    const steps = parse(text);
    expect(lastOf(judge(incremental, steps))).toBe(wrong);
    // One step fewer, and it is not so.
    steps.forEach((step, index) => {
      if (index === steps.length - 1 || step.do === "map") return;
      expect(lastOf(judge(incremental, steps.toSpliced(index, 1)))).not.toBe(wrong);
    });
  });

  test("a second process of the same pid leaves the tail of the first one's file", () => {
    const files = new MemoryFileSystem();
    judge(incremental, parse("map 0 2 rw- anonymous\nstore 0 1\nstore 1 1\ncheckpoint"), files);
    const second = judge(incremental, parse("map 0 1 rw- anonymous\nstore 0 2\ncheckpoint"), files);
    expect(lastOf(second)).toBe("1 resurrected, first page 1");
    expect(present(second[0]).complaints, "the tail's addresses go on upwards: nobody can tell").toEqual([]);
  });

  test("a tail that goes back down is told apart and left out", () => {
    const files = new MemoryFileSystem();
    judge(incremental, parse("map 0 2 rw- anonymous\nstore 0 1\nstore 1 1\ncheckpoint"), files);
    const second = judge(incremental, parse("map 0 4 rw- anonymous\nstore 3 2\ncheckpoint"), files);
    expect(lastOf(second)).toBe("all right");
    expect(present(second[0]).complaints).toEqual([
      "from byte 4105 on it is the tail of an earlier, longer file: page 0x3fe000 after page 0x400000",
    ]);
  });

  test("a short write of one page loses it, and shifts those behind it", () => {
    const shifted = judge(
      incremental,
      parse("map 0 2 rw- anonymous\nstore 0 1\nstore 1 1\ncheckpoint"),
      new MemoryFileSystem({ longestWrite: 4000 }),
    );
    expect(lastOf(shifted)).toBe("2 lost, first page 0");
    expect(present(shifted[0]).complaints).toEqual([
      "page 0x3fd000 at byte 0 is cut off or broken: 8018 of 4105 bytes to the end",
    ]);
  });

  test("a full disk loses pages, and nobody is told", () => {
    const judged = judge(
      incremental,
      parse("map 0 3 rw- anonymous\nstore 0 1\nstore 1 1\nstore 2 1\ncheckpoint"),
      new MemoryFileSystem({ byteCapacity: 8192 }),
    );
    expect(lastOf(judged)).toBe("2 lost, first page 1");
    expect(present(judged[0]).complaints.length).toBeGreaterThan(0);
  });

  test("an absent entry is asked for a bit that is not its own: the page cannot be read, and only its address is saved", () => {
    const world = new World(x86_64, new MemoryFileSystem());
    world.map(pageAt(0), pageAt(3), VM_READ | VM_WRITE, "anonymous", 0);
    world.storeByte(pageAt(2), 1);
    writeEntry(world, "entry-mapped", pageAt(0), world.entryAt(pageAt(0)), { low: 0x1000 | x86_64.bits.user, high: 0 });
    writeEntry(world, "entry-mapped", pageAt(1), world.entryAt(pageAt(1)), { low: 0x2000, high: 0 });
    basic.start().take(world);
    const { pages, complaints } = readRecords(x86_64, bytesOf(world, "cp_1_0"));
    expect([...pages.keys()]).toEqual([pageAt(2)]);
    expect(complaints).toEqual(["page 0x3fd000 at byte 0 could not be read when it was saved: its bytes are missing"]);
    // The second incremental asks pte_dirty of it as well.
    const second = incremental.start();
    second.take(world);
    expect(second.take(world)).toMatchObject({ pagesSaved: 1 });
  });

  test("random histories break it, and shrink to a few steps", () => {
    const found = fc.check(
      fc.property(histories.map(withoutTrouble), (steps) =>
        judge(incremental, steps).every(({ comparison }) => comparison.first === undefined),
      ),
      { seed: 1, numRuns: 200 },
    );
    expect(found.failed).toBe(true);
    expect(found.counterexample?.[0].length).toBeLessThanOrEqual(12);
  });
});

describe("the listing as printed", () => {
  test("saves one page an area, each one page further, and dies after the last", () => {
    const world = new World(x86_64, new MemoryFileSystem(), 9);
    world.map(pageAt(0), pageAt(3), VM_READ | VM_WRITE, "anonymous", 0);
    world.map(pageAt(4), pageAt(5), VM_READ, "private file", 0);
    for (const page of [0, 1, 2]) world.storeByte(pageAt(page), 1);
    const result = asPrinted.start().take(world);
    expect(result).toEqual({ kind: "failed", path: "cp_9_0", reason: "NULL dereference: area->vm_end after the last area" });
    expect([...readRecords(x86_64, bytesOf(world, "cp_9_0")).pages.keys()]).toEqual([pageAt(0), pageAt(1)]);
    expect([world.checkCount, world.ends, getFs(world.store), world.store.openFiles.size]).toEqual([0, ["failed"], USER_DS, 0]);
  });

  test("ends well where there is nothing, or device memory only", () => {
    const world = new World(x86_64, new MemoryFileSystem());
    expect(asPrinted.start().take(world)).toMatchObject({ kind: "committed", pagesSaved: 0 });
    world.map(pageAt(0), pageAt(3), VM_READ | VM_WRITE | VM_IO, "anonymous", 0);
    expect(asPrinted.start().take(world)).toMatchObject({ kind: "committed", pagesSaved: 0, path: "cp_1_1" });
  });
});
