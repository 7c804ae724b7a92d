// Every page of a process that has a frame, mapped or waiting in the page cache.

import { frameBehind, frameBytes, isSwapPte, pteFrame, swappedFrame, visitEntries } from "@pagelapse/mmu";
import type { Area } from "@pagelapse/vma";
import type { ProcessView } from "./address-space.ts";
import { cachePlace, treeOf } from "./page-cache.ts";

/** Is told of a page and the frame that holds it: one of the swap device, where the page is swapped out. */
export type PageVisitor = (vaddr: number, pfn: number) => void;

/**
 * Visits, in order of address, the pages of all areas whose entry has a frame or a slot, the zero frame among them, and those whose
 * entry has none but which a fault would find in the page cache.
 */
export function visitPages(view: ProcessView, visit: PageVisitor): void {
  for (const area of view.space.areas) {
    if (cachePlace(view.architecture, area, area.start) === undefined) {
      visitMapped(view, area, visit);
      continue;
    }
    const pages = new Map<number, number>();
    visitCached(view, area, (vaddr, pfn) => pages.set(vaddr, pfn));
    visitMapped(view, area, (vaddr, pfn) => pages.set(vaddr, pfn));
    for (const [vaddr, pfn] of [...pages].toSorted(([left], [right]) => left - right)) visit(vaddr, pfn);
  }
}

function visitMapped({ architecture, memory, space }: ProcessView, area: Area, visit: PageVisitor): void {
  const { bits } = architecture;
  visitEntries(memory, architecture, space.root, area.start, area.end, (vaddr, _, entry, level) => {
    if (isSwapPte(bits, entry)) return visit(vaddr, swappedFrame(memory, architecture, entry));
    const from = Math.max(vaddr, area.start);
    const end = Math.min(vaddr + level.span, area.end);
    for (let page = from; page < end; page += frameBytes) visit(page, frameBehind(bits, level, entry, page));
  });
}

/** An area may reach over several trees of its object. */
function visitCached(view: ProcessView, area: Area, visit: PageVisitor): void {
  const { architecture, memory } = view;
  const [{ span, entryCount }] = architecture.levels;
  for (let vaddr = area.start; vaddr < area.end;) {
    const from = vaddr;
    const place = cachePlace(architecture, area, from);
    if (place === undefined) return;
    const { address } = place;
    const end = Math.min(span * entryCount, address + (area.end - from));
    const root = treeOf(view, place);
    if (root !== undefined) {
      visitEntries(memory, architecture, root, address, end, (at, _, entry) =>
        visit(from + (at - address), pteFrame(architecture.bits, entry)),
      );
    }
    vaddr += end - address;
  }
}
