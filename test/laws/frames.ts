// The bytes of a physical memory, all of them.

import { frameBytes } from "@pagelapse/mmu";
import type { PhysicalMemory } from "@pagelapse/mmu";

/** Throws at the first frame that differs. */
export function expectSameRam(left: PhysicalMemory, right: PhysicalMemory): void {
  for (let pfn = 0; pfn < right.frameCount; pfn++) {
    left.read(pfn * frameBytes, oneFrame);
    right.read(pfn * frameBytes, otherFrame);
    if (Buffer.compare(oneFrame, otherFrame) !== 0) throw new Error(`frame ${pfn} holds other bytes`);
  }
}

const oneFrame = new Uint8Array(frameBytes);
const otherFrame = new Uint8Array(frameBytes);

/** A copy of every frame. */
export function ramOf(memory: PhysicalMemory): Uint8Array {
  const bytes = new Uint8Array(memory.frameCount * frameBytes);
  for (let pfn = 0; pfn < memory.frameCount; pfn++)
    memory.read(pfn * frameBytes, bytes.subarray(pfn * frameBytes, (pfn + 1) * frameBytes));
  return bytes;
}
