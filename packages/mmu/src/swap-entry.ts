// Swap entries: what stands in an entry that is neither none nor present.

import type { Architecture, BitField, EntryBits } from "./architecture.ts";
import { pteNone, ptePresent } from "./entry.ts";
import type { Entry } from "./entry.ts";

/** Where a swapped page lies, and what was known of it. */
export interface SwapEntry {
  /** Number of the swap device, below 32. */
  readonly type: number;
  /** Page of the device; 0 holds the device's own header, and no page. */
  readonly offset: number;
  readonly softDirty: boolean;
  readonly uffdWp: boolean;
}

/** Linux's `is_swap_pte`: neither none nor present. */
export function isSwapPte(bits: EntryBits, entry: Entry): boolean {
  return !pteNone(entry) && !ptePresent(bits, entry);
}

/**
 * The entry that keeps a page's place on a swap device: Linux's `swp_entry_to_pte`, with `pte_swp_mksoft_dirty` and
 * `pte_swp_mkuffd_wp`, which do nothing where the architecture has no such bit. Throws a `RangeError` for a type or an
 * offset that does not fit, and for the first and the last offset, of which one would make the entry none.
 */
export function encodeSwapEntry(architecture: Architecture, swapped: SwapEntry): Entry {
  const { swap } = architecture;
  checkFits("type", swapped.type, 0, 2 ** swap.type.bitCount);
  checkFits("offset", swapped.offset, 1, 2 ** swap.offset.bitCount - 1);
  const offset = swap.offsetInverted ? 2 ** swap.offset.bitCount - 1 - swapped.offset : swapped.offset;
  const numbers = place(swap.type, swapped.type) + place(swap.offset, offset);
  const marks = (swapped.softDirty ? swap.softDirty : 0) + (swapped.uffdWp ? swap.uffdWp : 0);
  const word = numbers + BigInt(marks);
  return { low: Number(BigInt.asUintN(32, word)), high: Number(word >> 32n) };
}

/** What `encodeSwapEntry` was given, bits that the architecture does not keep left out. */
export function decodeSwapEntry(architecture: Architecture, entry: Entry): SwapEntry {
  const { swap } = architecture;
  const offset = extract(swap.offset, entry);
  return {
    type: extract(swap.type, entry),
    offset: swap.offsetInverted ? 2 ** swap.offset.bitCount - 1 - offset : offset,
    softDirty: (entry.low & swap.softDirty) !== 0,
    uffdWp: (entry.low & swap.uffdWp) !== 0,
  };
}

function place(field: BitField, value: number): bigint {
  return BigInt(value) << BigInt(field.firstBit);
}

function extract(field: BitField, entry: Entry): number {
  const word = (BigInt(entry.high) << 32n) + BigInt(entry.low);
  return Number(BigInt.asUintN(field.bitCount, word >> BigInt(field.firstBit)));
}

function checkFits(name: string, value: number, least: number, limit: number): void {
  if (Number.isInteger(value) && value >= least && value < limit) return;
  throw new RangeError(`swap ${name} ${value}: expected ${least} to ${limit - 1}`);
}
