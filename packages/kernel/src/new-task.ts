// How a machine gets its task: new, without memory, or out of a checkpoint.

import { addressSpaceOf, placePages } from "@pagelapse/checkpoint";
import type { MemoryImage } from "@pagelapse/checkpoint";
import { allocateTable } from "@pagelapse/mmu";
import { VM_SHARED, areaAt, prepareAnonVma } from "@pagelapse/vma";
import type { Core } from "./core.ts";
import { OutOfFrames } from "./out-of-frames.ts";
import { cachedPage } from "./page-cache.ts";

/** Creates a task that has no memory. */
export function createTask(core: Core, pid: number, startBrk: number): void {
  const task = { pid, root: rootTable(core), areas: [], startBrk, brk: startBrk, checkCount: 0, state: "alive" as const };
  core.happen({ kind: "task-created", task });
}

/**
 * Creates the task of an image, its pages present and dirty. Those of shared memory lie in the page cache, so that they are shared
 * again; private ones tie their areas to an `anon_vma`, as the stores of a restorer do, so that a child gets them. An image
 * without areas gives private memory that can be read and written.
 */
export function resumeTask(core: Core, image: MemoryImage): void {
  const root = rootTable(core);
  core.happen({
    kind: "task-created",
    task: { ...addressSpaceOf(image, root), checkCount: image.checkCount ?? 0, state: "alive" },
  });
  const placed = placePages(core, root, image, (area, vaddr) => cachedPage(core, area, vaddr));
  if (placed === "out-of-frames") throw new OutOfFrames(core.ramFrames);
  for (const vaddr of image.pages.keys()) {
    const area = areaAt(core.task.areas, vaddr);
    if (area === undefined || (area.flags & VM_SHARED) !== 0) continue;
    for (const change of prepareAnonVma(core.task.areas, vaddr)) core.happen(change);
  }
}

export function rootTable(core: Core): number {
  const root = allocateTable(core, 0);
  if (root === undefined) throw new OutOfFrames(core.ramFrames);
  return root;
}
