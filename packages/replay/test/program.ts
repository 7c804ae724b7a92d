// Random programs of two tasks on two processors over a few pages, so that frames, entries and translations meet.

import type { Command } from "@pagelapse/kernel";
import { frameBytes } from "@pagelapse/mmu";
import {
  MADV_DONTNEED,
  MADV_FREE,
  MADV_RANDOM,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
} from "@pagelapse/vma";
import fc from "fast-check";

const pages = 8;
const base = 0x3f_c000;
/** Address of a page of these programs. */
export function at(page: number, offset = 0): number {
  return base + page * frameBytes + offset;
}

const page = fc.nat(pages - 1);
const start = page.map((index) => at(index));
const byteCount = fc.integer({ min: 1, max: 3 }).map((count) => count * frameBytes);
const vaddr = fc.tuple(page, fc.constantFrom(0, 8, 60, 2048, 4092)).map(([index, offset]) => at(index, offset));
const bytes = fc
  .tuple(fc.constantFrom(1, 2, 8, 8, 8, 13, 70, 4096), fc.nat(3))
  .map(([size, value]) => new Uint8Array(size).fill(value));
const processor = fc.constantFrom(0, 0, 0, 1);
const pid = fc.constantFrom(1, 2);
const flags = MAP_FIXED | MAP_ANONYMOUS;

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("map-memory"),
      processor,
      start,
      byteCount,
      prot: fc.constantFrom(3, 3, 3, 1),
      flags: fc.constantFrom(flags | MAP_PRIVATE, flags | MAP_PRIVATE, flags | MAP_SHARED),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("map-memory"),
      processor,
      start,
      byteCount,
      prot: fc.constant(3),
      flags: fc.constant(MAP_FIXED | MAP_PRIVATE),
      file: fc.constant("f"),
      offset: fc.constant(0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("provide-file"),
      file: fc.constant("f"),
      offset: fc.constantFrom(0, 100, 4096),
      bytes: fc.constantFrom(1, 8, 5000).map((count) => new Uint8Array(count).fill(count)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unmap-memory"), processor, start, byteCount }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("protect-memory"), processor, start, byteCount, prot: fc.constantFrom(1, 3) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("advise-memory"), processor, start, byteCount, advice: fc.constant(MADV_DONTNEED) }),
  },
  { weight: 14, arbitrary: fc.record({ kind: fc.constantFrom("store", "store", "kernel-store"), processor, vaddr, bytes }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("load"), processor, vaddr, byteCount: fc.constantFrom(1, 8) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fork-task"), pid: fc.constant(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("switch-task"), processor, pid }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("reclaim-page"), vaddr: start }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("flush-tlb"),
      processor,
      scope: fc.constantFrom("page", "processor"),
      vaddr: start,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Command>(
      { kind: "clear-soft-dirty" },
      { kind: "start-dirty-log", capacity: 3 },
      { kind: "take-dirty-log" },
      { kind: "unpin-page", name: "disk" },
      { kind: "device-store", name: "disk", offset: 16, bytes: new Uint8Array(8).fill(9) },
      { kind: "checkpoint-range", incremental: 0, startPointer: at(0), endPointer: at(0, 8) },
      { kind: "flush-tlb", scope: "space", vaddr: 0 },
    ),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pin-page"), name: fc.constant("disk"), vaddr: start }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("protect-writes"), start, byteCount, mode: fc.constant("on") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("advise-memory"),
      start,
      byteCount,
      advice: fc.constantFrom(MADV_FREE, MADV_RANDOM),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("move-memory"),
      start,
      oldBytes: byteCount,
      newBytes: byteCount,
      flags: fc.constant(MREMAP_MAYMOVE | MREMAP_FIXED),
      to: start,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "note-system-call", number: 39, arguments: [], result: 1, thread: 1 }) },
);

/** Programs of up to fifty commands, over memory that is mapped at first. */
export const programs: fc.Arbitrary<Command[]> = fc
  .array(command, { minLength: 1, maxLength: 50, size: "max" })
  .map((commands) => [
    { kind: "map-memory", start: at(0), byteCount: pages * frameBytes, prot: 3, flags: flags | MAP_PRIVATE },
    ...commands,
  ]);
