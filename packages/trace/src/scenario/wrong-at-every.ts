// A process tree that files bring back, beside the moments at which it may have been saved.

import { compareMemory } from "@pagelapse/checkpoint";
import type { MemoryImage, ProcessView, TreeMemory, WrongPage } from "@pagelapse/checkpoint";

/**
 * The pages that are as they were at none of these moments, each of which has the processes of the tree, the root first. Files that record no
 * areas are of the root alone.
 */
export function wrongAtEvery(moments: readonly (readonly ProcessView[])[], tree: TreeMemory): readonly WrongPage[] {
  const wrong = moments.map((views) => wrongAt(views, tree));
  const [first, ...others] = wrong;
  return [...first].flatMap(([key, page]) => (others.every((pages) => pages.has(key)) ? [page] : []));
}

/** Wrong pages by process and address. */
function wrongAt(views: readonly ProcessView[], { processes }: TreeMemory): ReadonlyMap<string, WrongPage> {
  const wrong = new Map<string, WrongPage>();
  const [root] = processes;
  const judged = root.areas === undefined ? views.slice(0, 1) : views;
  for (const view of judged) {
    const { pid } = view.space;
    const image = view === views[0] ? root : (processes.find((process) => process.pid === pid) ?? missing(root));
    compareMemory(view, image, (page) => wrong.set(`${pid} ${page.vaddr}`, page));
  }
  for (const { pid, pages } of processes.slice(1)) {
    if (judged.some(({ space }) => space.pid === pid)) continue;
    for (const vaddr of pages.keys()) wrong.set(`${pid} ${vaddr}`, { kind: "resurrected", vaddr });
  }
  return wrong;
}

/** What files say of a process that they do not have. */
function missing(root: MemoryImage): MemoryImage {
  return { ...root, areas: [], pages: new Map() };
}
