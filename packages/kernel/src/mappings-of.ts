// Every entry that leads to a frame, whichever task's: what Linux finds by its reverse mapping.

import { pteFrame, ptePresent, visitEntries } from "@pagelapse/mmu";
import type { Entry } from "@pagelapse/mmu";
import type { Core } from "./core.ts";

/** One entry that leads to a frame. */
export interface FrameMapping {
  /** Index of the task. */
  readonly task: number;
  readonly vaddr: number;
  /** Physical address of the entry. */
  readonly paddr: number;
  readonly entry: Entry;
}

/** The entries of all living tasks that lead to a frame, task by task, in order of address. Every table is looked through. */
export function mappingsOf(core: Core, pfn: number): readonly FrameMapping[] {
  const { bits } = core.architecture;
  return core.state.tasks.flatMap(({ areas, root, state }, task) => {
    const found: FrameMapping[] = [];
    if (state === "dead") return found;
    for (const { start, end } of areas) {
      visitEntries(core.ram, core.architecture, root, start, end, (vaddr, paddr, entry) => {
        if (ptePresent(bits, entry) && pteFrame(bits, entry) === pfn) found.push({ task, vaddr, paddr, entry });
      });
    }
    return found;
  });
}
