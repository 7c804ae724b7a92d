// The bytes that the parent image holds, for those who compare pages with them.

import { frameBytes } from "@pagelapse/mmu";
import { firstDifference } from "../first-difference.ts";

/** The DATA pages of an image, its ancestors' among them, by memory and address. They take as much memory as the pages themselves. */
export type ParentBytes = ReadonlyMap<string, ReadonlyMap<number, Uint8Array>>;

/** Bytes of a line, as processors cache memory. */
const lineBytes = 64;

/** Sets bit i & 7 of byte i >> 3 of `mask`, 8 bytes of zeros, for each line in which a page is not as in the parent, or not zero where that has none. */
export function markLines(page: Uint8Array, parent: Uint8Array | undefined, mask: Uint8Array): void {
  const held = parent ?? zeros;
  for (let line = 0; line < frameBytes / lineBytes; line++) {
    const at = line * lineBytes;
    const isChanged = firstDifference(page.subarray(at, at + lineBytes), held.subarray(at, at + lineBytes)) !== -1;
    if (isChanged) mask[line >> 3] |= 1 << (line & 7);
  }
}

const zeros = new Uint8Array(frameBytes);
