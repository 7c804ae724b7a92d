// Random programs over a dozen pages: every command, right and wrong, so that areas, frames and translations meet.

import type { Command } from "@pagelapse/kernel";
import { frameBytes } from "@pagelapse/mmu";
import {
  MADV_DONTNEED,
  MADV_FREE,
  MADV_RANDOM,
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

const page = fc.nat(11);
const start = page.map((index) => at(index));
const byteCount = fc.integer({ min: 0, max: 4 }).map((pages) => pages * frameBytes);
const prot = fc.constantFrom(3, 3, 3, 3, 1, 0, 7, 2, 4);
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

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.tuple(start, byteCount, prot, mapping).map(([from, count, allowed, rest]): Command => {
      return { kind: "map-memory", start: from, byteCount: count, prot: allowed, ...rest };
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("unmap-memory"), start, byteCount }) },
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
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("advise-memory"),
      start,
      byteCount,
      advice: fc.constantFrom(MADV_DONTNEED, MADV_DONTNEED, MADV_FREE, MADV_RANDOM),
    }),
  },
  { weight: 14, arbitrary: fc.record({ kind: fc.constantFrom("store", "store", "kernel-store"), vaddr, bytes }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("load"), vaddr, byteCount: fc.constantFrom(1, 8, 200) }) },
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
);

/** Programs of up to sixty commands. */
export const programs: fc.Arbitrary<Command[]> = fc.array(command, { minLength: 1, maxLength: 60, size: "max" });
