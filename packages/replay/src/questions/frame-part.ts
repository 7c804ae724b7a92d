// The part of a frame that a range of addresses touches.

import { frameBytes } from "@pagelapse/mmu";

/** Places [start, end) in a frame, and the lines of 64 bytes they lie in as a mask, as run records have it. */
export interface FramePart {
  readonly start: number;
  readonly end: number;
  readonly maskLow: number;
  readonly maskHigh: number;
}

/** What of the frame or page that begins at `base` lies in [start, end), which it touches. */
export function framePart(base: number, start: number, end: number): FramePart {
  const first = Math.max(0, start - base);
  const last = Math.min(frameBytes, end - base);
  let [maskLow, maskHigh] = [0, 0];
  for (let line = first >>> 6; line <= (last - 1) >>> 6; line++) {
    if (line < 32) maskLow |= 1 << line;
    else maskHigh |= 1 << (line - 32);
  }
  return { start: first, end: last, maskLow, maskHigh };
}
