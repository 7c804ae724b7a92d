// A process of a machine as readers take it, now or as it was.

import type { ProcessView } from "@pagelapse/checkpoint";
import type { Machine } from "@pagelapse/kernel";
import { Ram } from "@pagelapse/mmu";

/** Whose page tables are looked at: the task of that index. */
export function viewOf(machine: Machine, task: number): ProcessView {
  const { architecture, memory, cached, files, state } = machine;
  return { architecture, memory, cached, files, space: state.tasks[task] };
}

/**
 * A task and those that come from it, the root first, their memory kept as it is now. Files' own bytes are not: pages of them that
 * anybody stored to are in memory.
 */
export function momentOf(machine: Machine, root: number): readonly ProcessView[] {
  const { memory, state } = machine;
  const kept = new Ram(memory.frameCount);
  memory.read(0, kept.bytes);
  const pids = new Set([state.tasks[root].pid]);
  const tasks = [...state.tasks.keys()].filter((task) => {
    const { parentPid, pid, state: life } = state.tasks[task];
    if (task === root) return true;
    if (life === "dead" || !pids.has(parentPid)) return false;
    pids.add(pid);
    return true;
  });
  return tasks.map((task) => ({ ...viewOf(machine, task), memory: kept }));
}
