// The machine of tiny histories.

import { Machine } from "@pagelapse/kernel";
import type { MachineOptions } from "@pagelapse/kernel";

const frameCount = 192;
const swapFrames = 4;

/** Frames of a tiny machine, those of its swap device among them. */
export const tinyFrames: number = frameCount + swapFrames;

/** A small RAM, so that frames are given out again, room for few pages on the swap device, and TLBs that forget. */
export function tinyMachine(options: MachineOptions = {}): Machine {
  return new Machine({ frameCount, swapFrames, processors: 2, tlb: { sets: 2, ways: 2 }, ...options });
}
