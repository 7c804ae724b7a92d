// The machine of tiny histories.

import { Machine } from "@pagelapse/kernel";
import type { MachineOptions, TlbShape } from "@pagelapse/kernel";

/** Its frames of RAM, few, so that they are given out again; room for few pages on the swap device; TLBs that forget. */
export const tinyFrameCount = 192;
export const tinySwapFrames = 4;
export const tinyProcessors = 2;
export const tinyTlb: TlbShape = { sets: 2, ways: 2 };

/** Frames of a tiny machine, those of its swap device among them. */
export const tinyFrames: number = tinyFrameCount + tinySwapFrames;

/** A small machine, but for what the options say. */
export function tinyMachine(options: MachineOptions = {}): Machine {
  const tiny = { frameCount: tinyFrameCount, swapFrames: tinySwapFrames, processors: tinyProcessors, tlb: tinyTlb };
  return new Machine({ ...tiny, ...options });
}
