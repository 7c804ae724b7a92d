// How many pages a process has in memory.

import { framesBehind, pteFrame, ptePresent, visitEntries, zeroFrame } from "@pagelapse/mmu";
import type { ProcessView } from "./address-space.ts";

/** Pages that have a frame, the zero frame not counted. */
export function countPresent(view: ProcessView): number {
  const { architecture, memory, space } = view;
  const zero = zeroFrame(memory);
  let count = 0;
  visitEntries(memory, architecture, space.root, 0, architecture.taskSize, (_vaddr, _paddr, entry, level) => {
    if (ptePresent(architecture.bits, entry) && pteFrame(architecture.bits, entry) !== zero) count += framesBehind(level);
  });
  return count;
}
