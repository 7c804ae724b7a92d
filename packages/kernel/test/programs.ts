// Random programs over a dozen pages, three tasks and two processors: every command, right and wrong, so that all of it meets.

import type { Command } from "@pagelapse/kernel";
import { frameBytes } from "@pagelapse/mmu";
import {
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_FREE,
  MADV_RANDOM,
  MADV_WIPEONFORK,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_GROWSDOWN,
  MAP_PRIVATE,
  MAP_SHARED,
  MREMAP_DONTUNMAP,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
} from "@pagelapse/vma";
import fc from "fast-check";
import { at } from "./notation.ts";

/** Where the break of these programs begins: inside the window. */
export const startBrk: number = at(9);

const page = fc.oneof({ weight: 3, arbitrary: fc.nat(8) }, { weight: 1, arbitrary: fc.nat(11) });
const start = page.map((index) => at(index));
const byteCount = fc.integer({ min: 0, max: 4 }).map((pages) => pages * frameBytes);
const prot = fc.constantFrom(3, 3, 3, 3, 3, 3, 1, 0, 7, 2, 4);
const vaddr = fc.tuple(page, fc.constantFrom(0, 8, 2048, 4088, 4095)).map(([index, offset]) => at(index, offset));
const bytes = fc
  .tuple(fc.constantFrom(1, 8, 8, 8, 16, 70, 4097), fc.nat(3))
  .map(([size, value]) => new Uint8Array(size).fill(value));

const anonymous = { flags: MAP_FIXED | MAP_ANONYMOUS | MAP_PRIVATE };
const mapping = fc.oneof(
  { weight: 6, arbitrary: fc.constant(anonymous) },
  { weight: 1, arbitrary: fc.constant({ flags: anonymous.flags | MAP_GROWSDOWN }) },
  { weight: 1, arbitrary: fc.constant({ flags: MAP_ANONYMOUS | MAP_PRIVATE }) },
  { weight: 2, arbitrary: fc.constant({ flags: MAP_FIXED | MAP_ANONYMOUS | MAP_SHARED }) },
  {
    weight: 3,
    arbitrary: fc.record({
      flags: fc.constantFrom(MAP_FIXED | MAP_PRIVATE, MAP_FIXED | MAP_PRIVATE, MAP_FIXED | MAP_SHARED),
      file: fc.constantFrom("f", "f", "unknown"),
      offset: fc.nat(2).map((index) => index * frameBytes),
    }),
  },
);

const moves = fc.constantFrom(
  0,
  MREMAP_MAYMOVE,
  MREMAP_MAYMOVE | MREMAP_FIXED,
  MREMAP_MAYMOVE | MREMAP_FIXED,
  MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
);

/** A kind of command, and how often it comes beside the others. */
interface Weighted {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Command>;
}

const advice = fc.constantFrom(MADV_DONTNEED, MADV_DONTNEED, MADV_FREE, MADV_RANDOM, MADV_DONTFORK, MADV_WIPEONFORK);

/** What programs do to their own memory. */
const memoryCommands: readonly Weighted[] = [
  {
    weight: 10,
    arbitrary: fc.tuple(start, byteCount, prot, mapping).map(([from, count, allowed, rest]): Command => {
      return { kind: "map-memory", start: from, byteCount: count, prot: allowed, ...rest };
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("unmap-memory"), start, byteCount }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("protect-memory"), start, byteCount, prot }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("move-memory"),
      start,
      oldBytes: byteCount,
      newBytes: byteCount,
      flags: moves,
      to: start,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("move-break"), address: vaddr }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("advise-memory"), start, byteCount, advice }) },
  { weight: 20, arbitrary: fc.record({ kind: fc.constantFrom("store", "store", "kernel-store"), vaddr, bytes }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("load"), vaddr, byteCount: fc.constantFrom(1, 8, 200) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("provide-file"), file: fc.constant("f"), offset: fc.constantFrom(0, 4090), bytes }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("checkpoint-range"),
      incremental: fc.constantFrom(0, 1),
      startPointer: vaddr,
      endPointer: vaddr,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ kind: "note-system-call", number: 39, arguments: [], result: 1, thread: 1 }),
  },
];

/** Few, so that they are used again. */
const pid = fc.constantFrom(1, 1, 2, 2, 3);
const name = fc.constantFrom("disk", "card");

/** What makes tasks, and what the world does to their pages. */
const machineCommands: readonly Weighted[] = [
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("fork-task"), pid }) },
  { weight: 1, arbitrary: fc.constant({ kind: "fork-task" }) },
  { weight: 1, arbitrary: fc.constant({ kind: "exit-task" }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("switch-task"), pid }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constantFrom("reclaim-page", "reclaim-page", "migrate-page"), vaddr }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("split-page", "collapse-pages"), vaddr }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("pin-page"), name, vaddr }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unpin-page"), name }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("device-store"), name, offset: fc.constantFrom(0, 8, 4000), bytes }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("sync-memory"), start, byteCount, flags: fc.constantFrom(4, 4, 1, 5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("write-back"), file: fc.constantFrom("f", "unknown") }) },
  { weight: 2, arbitrary: fc.constant({ kind: "clear-soft-dirty" }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("protect-writes"), start, byteCount, mode: fc.constantFrom("on", "on", "off") }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("start-dirty-log"), capacity: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "take-dirty-log" }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("flush-tlb"), scope: fc.constantFrom("page", "space", "processor"), vaddr }),
  },
];

/** From page 4 on, where a table begins: as much as one entry above can map, on every architecture. */
const largeMemory: Command = { kind: "map-memory", start: at(4), byteCount: 2 ** 22, prot: 3, ...anonymous };

const largeCommands: readonly Weighted[] = [
  { weight: 2, arbitrary: fc.constant(largeMemory) },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom("collapse-pages", "collapse-pages", "split-page"),
      vaddr: fc.constantFrom(at(4), at(7)),
    }),
  },
];

/** Some of each kind of memory to begin with: what comes after it meets pages, mostly. */
const beginnings: readonly Command[] = [
  { kind: "map-memory", start: at(0), byteCount: 4 * frameBytes, prot: 3, ...anonymous },
  { kind: "map-memory", start: at(4), byteCount: 2 * frameBytes, prot: 3, flags: MAP_FIXED | MAP_ANONYMOUS | MAP_SHARED },
  { kind: "map-memory", start: at(6), byteCount: 2 * frameBytes, prot: 3, flags: MAP_FIXED | MAP_PRIVATE, file: "f" },
  { kind: "map-memory", start: at(8), byteCount: frameBytes, prot: 3, flags: MAP_FIXED | MAP_SHARED, file: "f" },
  { kind: "store", vaddr: at(0), bytes: new Uint8Array(4 * frameBytes).fill(1) },
];

/** Programs of up to sixty commands, each on one of two processors. */
function programsOf(beginning: readonly Command[], commands: readonly Weighted[]): fc.Arbitrary<Command[]> {
  const command = fc
    .tuple(fc.oneof(...commands), fc.constantFrom(0, 0, 1))
    .map(([rest, processor]): Command => ({ ...rest, processor }));
  return fc
    .tuple(
      fc.subarray([...beginning], { minLength: beginning.length - 1 }),
      fc.array(command, { minLength: 1, maxLength: 60, size: "max" }),
    )
    .map(([first, rest]) => [...first, ...rest]);
}

export const programs: fc.Arbitrary<Command[]> = programsOf(beginnings, [...memoryCommands, ...machineCommands]);

/** The same where there are large pages; 4096 frames do. */
export const largePrograms: fc.Arbitrary<Command[]> = programsOf(
  [...beginnings, largeMemory, { kind: "store", vaddr: at(5), bytes: Uint8Array.of(1) }],
  [...memoryCommands, ...machineCommands, ...largeCommands],
);
