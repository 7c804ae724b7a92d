// The pages of a process that have content of their own, in order of address, a column each.

import {
  allocationOf,
  flagsOf,
  frameBehind,
  frameBytes,
  frameFlags,
  framesBehind,
  isSwapPte,
  pteDirty,
  ptePresent,
  referencesOf,
  visitEntries,
  zeroFrame,
} from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import { holdsFileBytes, peekPage } from "../peek-page.ts";
import type { Tracked } from "../tracked.ts";
import type { PageJudge } from "../trackers/page-tracker.ts";
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

/** A list made before its pages are copied, and what was learnt on the way. */
export interface CollectedPages extends Omit<PageList, "content"> {
  /** What the parent has of a page that is still as the parent has it; `undefined`: the image must hold the page itself. */
  readonly inParent: readonly ("DATA" | "ZERO" | undefined)[];
  /** Rows whose frames' marks must go when the image is committed. One that another process maps keeps it for that one's images. */
  readonly marked: readonly number[];
  /** Pages with a frame, the zero frame not counted. */
  readonly presentPages: number;
}

/** Lists the pages that have content of their own. One is as in the parent if the parent has it and the judge finds it unchanged. */
export function collectPages(tracked: Tracked, parent: PageList | undefined, judge: PageJudge): CollectedPages {
  const { presentPages, dirtyFrames, cacheEntries } = lookAtEntries(tracked);
  const { memory, space } = tracked;
  const zero = zeroFrame(memory);
  const vaddr: number[] = [];
  const pfn: number[] = [];
  const allocation: number[] = [];
  const inParent: ("DATA" | "ZERO" | undefined)[] = [];
  const marked: number[] = [];
  const held = parent ?? noPages;
  let row = 0;
  visitPages(tracked, (page, frame) => {
    const flags = flagsOf(memory, frame);
    const isDirty = dirtyFrames.has(frame);
    // Another process that maps the page may have stored to it, and its D is not asked for here.
    const isInCache = isCached(flags);
    const isOthers = isInCache && referencesOf(memory, frame) > 1 + (cacheEntries.get(frame) ?? 0);
    const isFiles = holdsFileBytes(flags) && !isDirty && !isOthers;
    if (isFiles || (frame === zero && areaAt(space.areas, page)?.file === undefined)) return;
    const use = allocationOf(memory, frame);
    const isPending = (flags & frameFlags.pending) !== 0;
    while (held.vaddr[row] < page) row++;
    const isHeld = held.vaddr[row] === page;
    const isSameFrame = isHeld && held.pfn[row] === frame && held.allocation[row] === use;
    const verdict = judge({ vaddr: page, pfn: frame, isSameFrame, isDirty, isPending, isCached: isInCache, isOthers });
    if (verdict === "left out") return;
    if ((isDirty || isPending) && !isOthers) marked.push(vaddr.length);
    inParent.push(isHeld && verdict === "unchanged" ? held.content[row] : undefined);
    vaddr.push(page);
    pfn.push(frame);
    allocation.push(use);
  });
  return { vaddr, pfn, allocation, inParent, marked, presentPages };
}

/** The pages of a list that are as in the parent, as the parent has them. */
export function unchangedPages(pages: CollectedPages): PageList {
  const rows = pages.inParent.flatMap((content, row) => (content === undefined ? [] : [{ content, row }]));
  return {
    vaddr: rows.map(({ row }) => pages.vaddr[row]),
    pfn: rows.map(({ row }) => pages.pfn[row]),
    allocation: rows.map(({ row }) => pages.allocation[row]),
    content: rows.map(({ content }) => content),
  };
}

/** Takes D of every entry of the process into the marks of the frames behind. A swapped page has none. */
export function takeDirtyBits(tracked: Tracked): void {
  const { architecture, memory, space } = tracked;
  const { bits } = architecture;
  visitEntries(memory, architecture, space.root, 0, architecture.taskSize, (page, paddr, entry, level) => {
    if (ptePresent(bits, entry) && pteDirty(bits, entry)) tracked.takeDirty(page, paddr, level);
  });
}

/** Pages with their bytes looked at. */
export interface CopiedPages extends PageList {
  /** Where an image of the list has each page. */
  readonly kind: readonly PageKind[];
}

/** Looks at the bytes of each page that the image must hold: zeros are not kept. */
export function copyPages(tracked: Tracked, pages: CollectedPages): CopiedPages {
  const content = pages.inParent.map((held, row) => held ?? (isZeros(readRow(tracked, pages, row)) ? "ZERO" : "DATA"));
  return { ...pages, content, kind: content.map((found, row) => (pages.inParent[row] === undefined ? found : "PARENT")) };
}

const buffer = new Uint8Array(frameBytes);

/**
 * The bytes of a page now, lent until the next is asked for. Its frame may be another page's since it was listed: then the page
 * is looked up by its address, as it is found there now.
 */
export function readRow(tracked: Tracked, pages: Omit<PageList, "content">, row: number): Uint8Array {
  if (isInPlace(tracked, pages, row)) tracked.memory.read(pages.pfn[row] * frameBytes, buffer);
  else if (peekPage(tracked, pages.vaddr[row], buffer) === "unmapped") buffer.fill(0);
  return buffer;
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

/** Whether the frame of a page was given to nobody else since it was listed. */
export function isInPlace({ memory }: Tracked, pages: Omit<PageList, "content">, row: number): boolean {
  return allocationOf(memory, pages.pfn[row]) === pages.allocation[row];
}

/** What the entries of a process say. */
interface EntrySummary {
  /** Pages with a frame, the zero frame not counted. */
  readonly presentPages: number;
  /** Frames behind entries whose D is set. */
  readonly dirtyFrames: ReadonlySet<number>;
  /** How many of the process's entries lead to each frame of the page cache. */
  readonly cacheEntries: ReadonlyMap<number, number>;
}

function lookAtEntries(tracked: Tracked): EntrySummary {
  const { architecture, memory, space } = tracked;
  const { bits } = architecture;
  const zero = zeroFrame(memory);
  const dirtyFrames = new Set<number>();
  const cacheEntries = new Map<number, number>();
  let presentPages = 0;
  visitEntries(memory, architecture, space.root, 0, architecture.taskSize, (page, _, entry, level) => {
    if (isSwapPte(bits, entry)) return;
    const pfn = frameBehind(bits, level, entry, page);
    if (pfn === zero) return;
    presentPages += framesBehind(level);
    if (isCached(flagsOf(memory, pfn))) cacheEntries.set(pfn, (cacheEntries.get(pfn) ?? 0) + 1);
    if (!pteDirty(bits, entry)) return;
    for (let behind = pfn; behind < pfn + framesBehind(level); behind++) dirtyFrames.add(behind);
  });
  return { presentPages, dirtyFrames, cacheEntries };
}

function isCached(flags: number): boolean {
  return (flags & frameFlags.cache) !== 0;
}

function isZeros(bytes: Uint8Array): boolean {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  return true;
}
