// The pages of a process that have content of their own, in order of address, a column each.

import {
  allocationOf,
  flagsOf,
  frameBytes,
  frameFlags,
  framesBehind,
  isSwapPte,
  pteDirty,
  pteFrame,
  referencesOf,
  visitEntries,
  zeroFrame,
} from "@pagelapse/mmu";
import type { PhysicalMemory } from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import { holdsFileBytes } from "../peek-page.ts";
import type { Tracked } from "../tracked.ts";
import { visitPages } from "../visit-pages.ts";
import type { PageKind, PageRun } from "./image.ts";

/** Row i of every column speaks of one page. */
export interface PageList {
  readonly vaddr: readonly number[];
  readonly pfn: readonly number[];
  /** Of the frame, when the page was listed: with its number it names one use of it. */
  readonly allocation: readonly number[];
  /** Whether all its bytes are zero. */
  readonly content: readonly ("DATA" | "ZERO")[];
}

/** A list made, and what was learnt on the way. */
export interface CollectedPages extends PageList {
  /** Where an image of the list has each page. */
  readonly kind: readonly PageKind[];
  /** Frames whose mark must go when the image is committed. */
  readonly pending: readonly number[];
  /** Pages with a frame, the zero frame not counted. */
  readonly presentPages: number;
}

/**
 * Takes D of every entry, flushes, and only then looks at what was taken: a page is as in the parent if the parent has it
 * from the same frame in the same allocation and no entry's D and no earlier failed checkpoint has marked the frame. Two
 * steps, because another entry of the same frame may be the dirty one.
 */
export function collectPages(tracked: Tracked, parent: PageList | undefined): CollectedPages {
  const { presentPages, cacheEntries } = takeDirtyBits(tracked);
  tracked.flush();

  const { memory, space } = tracked;
  const zero = zeroFrame(memory);
  const vaddr: number[] = [];
  const pfn: number[] = [];
  const allocation: number[] = [];
  const content: ("DATA" | "ZERO")[] = [];
  const kind: PageKind[] = [];
  const pending: number[] = [];
  const held = parent ?? noPages;
  let inParent = 0;
  visitPages(tracked, (page, frame) => {
    const flags = flagsOf(memory, frame);
    if (holdsFileBytes(flags) || (frame === zero && areaAt(space.areas, page)?.file === undefined)) return;
    const use = allocationOf(memory, frame);
    const isPending = (flags & frameFlags.pending) !== 0;
    while (held.vaddr[inParent] < page) inParent++;
    const isHeld = held.vaddr[inParent] === page && held.pfn[inParent] === frame && held.allocation[inParent] === use;
    // Another process that maps the page may have stored to it, and its D is not asked for here.
    const isOthers = isCached(flags) && referencesOf(memory, frame) > 1 + (cacheEntries.get(frame) ?? 0);
    const isParent = isHeld && !isPending && !isOthers;
    const found = isParent ? held.content[inParent] : isZeros(memory, frame) ? "ZERO" : "DATA";
    vaddr.push(page);
    pfn.push(frame);
    allocation.push(use);
    content.push(found);
    kind.push(isParent ? "PARENT" : found);
    if (isPending) pending.push(frame);
  });
  return { vaddr, pfn, allocation, content, kind, pending, presentPages };
}

const noPages: PageList = { vaddr: [], pfn: [], allocation: [], content: [] };

/** Neighbouring pages of one kind as runs. */
export function runsOf(vaddr: readonly number[], kinds: readonly PageKind[]): readonly PageRun[] {
  const runs: PageRun[] = [];
  for (let i = 0, first = 0; i < vaddr.length; i++) {
    const isLast = i + 1 === vaddr.length || vaddr[i + 1] !== vaddr[i] + frameBytes || kinds[i + 1] !== kinds[i];
    if (!isLast) continue;
    runs.push({ start: vaddr[first], pageCount: i + 1 - first, kind: kinds[i] });
    first = i + 1;
  }
  return runs;
}

/** What taking D found. */
interface TakenBits {
  /** Pages with a frame, the zero frame not counted. */
  readonly presentPages: number;
  /** How many of the process's entries lead to each frame of the page cache. */
  readonly cacheEntries: ReadonlyMap<number, number>;
}

/** Takes D of every entry. A swapped page has none: its slot is used by it alone, and is another allocation when written anew. */
function takeDirtyBits(tracked: Tracked): TakenBits {
  const { architecture, memory, space } = tracked;
  const { bits } = architecture;
  const zero = zeroFrame(memory);
  const cacheEntries = new Map<number, number>();
  let presentPages = 0;
  visitEntries(memory, architecture, space.root, 0, architecture.taskSize, (page, paddr, entry, level) => {
    if (isSwapPte(bits, entry)) return;
    const pfn = pteFrame(bits, entry);
    if (pfn === zero) return;
    presentPages += framesBehind(level);
    if (isCached(flagsOf(memory, pfn))) cacheEntries.set(pfn, (cacheEntries.get(pfn) ?? 0) + 1);
    if (pteDirty(bits, entry)) tracked.takeDirty(page, paddr, level);
  });
  return { presentPages, cacheEntries };
}

function isCached(flags: number): boolean {
  return (flags & frameFlags.cache) !== 0;
}

function isZeros(memory: PhysicalMemory, pfn: number): boolean {
  const end = (pfn + 1) * frameBytes;
  for (let paddr = pfn * frameBytes; paddr < end; paddr += 4) if (memory.readWord(paddr) !== 0) return false;
  return true;
}
