// A process of a machine as readers take it, now or as it was.

import type { ProcessView } from "@pagelapse/checkpoint";
import type { Machine } from "@pagelapse/kernel";
import { Ram } from "@pagelapse/mmu";

/** Whose page tables are looked at: the task of that index. */
export function viewOf(machine: Machine, task: number): ProcessView {
  const { architecture, memory, cached, files, state } = machine;
  return { architecture, memory, cached, files, space: state.tasks[task] };
}

/** The same, its memory kept as it is now. Files' own bytes are not: pages of them that anybody stored to are in memory. */
export function momentOf(machine: Machine, task: number): ProcessView {
  const now = viewOf(machine, task);
  const memory = new Ram(now.memory.frameCount);
  now.memory.read(0, memory.bytes);
  return { ...now, memory };
}
