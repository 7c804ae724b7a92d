// How a machine gets its tasks: one that is new, without memory, or those of a checkpoint.

import { addressSpaceOf, placePages } from "@pagelapse/checkpoint";
import type { ProcessMemory, SharedMemory, TreeMemory } from "@pagelapse/checkpoint";
import { allocateTable, frameBytes } from "@pagelapse/mmu";
import { VM_SHARED, areaAt, prepareAnonVma } from "@pagelapse/vma";
import type { Core } from "./core.ts";
import { OutOfFrames } from "./out-of-frames.ts";
import { cachedPageAt, markWritten } from "./page-cache.ts";

/** Creates a task that has no memory. */
export function createTask(core: Core, pid: number, startBrk: number): void {
  const task = { ...newborn, pid, root: rootTable(core), areas: [], startBrk, brk: startBrk };
  core.happen({ kind: "task-created", task });
}

const newborn = { parentPid: 0, checkCount: 0, state: "alive" } as const;

/**
 * Creates the tasks of a checkpoint, the root's first. Private pages are present and dirty, and tie their areas to an `anon_vma`, as the
 * stores of a restorer do, so that a child gets them; shared ones lie in the page cache, where whoever maps them finds them. A
 * process without areas gets private memory that can be read and written.
 */
export function resumeTree(core: Core, { processes, shared }: TreeMemory): void {
  processes.forEach((process, task) => core.actFor(task, () => resumeTask(core, process)));
  for (const memory of shared) resumeShared(core, memory);
}

function resumeTask(core: Core, process: ProcessMemory): void {
  const { parentPid = 0, checkCount = 0, ownPages } = process;
  const space = addressSpaceOf(process, rootTable(core));
  core.happen({ kind: "task-created", task: { ...newborn, ...space, parentPid, checkCount } });
  if (placePages(core, space.root, space.areas, ownPages) === "out-of-frames") throw new OutOfFrames(core.ramFrames);
  for (const vaddr of ownPages.keys()) {
    const area = areaAt(core.task.areas, vaddr);
    if (area === undefined || (area.flags & VM_SHARED) !== 0) continue;
    for (const change of prepareAnonVma(core.task.areas, vaddr)) core.happen(change);
  }
}

/** What was stored to memory of a file stands in the cache alone, so its frames are marked. */
function resumeShared(core: Core, { file, object, pages }: SharedMemory): void {
  for (const [offset, bytes] of pages) {
    const pfn = cachedPageAt(core, { file, object, offset });
    core.recorded.bytes("frame-filled", 0, pfn * frameBytes, bytes);
    markWritten(core, pfn);
  }
}

export function rootTable(core: Core): number {
  const root = allocateTable(core, 0);
  if (root === undefined) throw new OutOfFrames(core.ramFrames);
  return root;
}
