// The pages of a process tree that have content of their own, memory by memory, in order of address, a column each.

import { allocationOf, flagsOf, frameBytes, frameFlags, ptePresent, referencesOf, visitEntriesWith } from "@pagelapse/mmu";
import type { PhysicalMemory } from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import type { PageKind, PageRun } from "../image/page-run.ts";
import { holdsFileBytes } from "../peek-page.ts";
import { processesOf } from "../tracked.ts";
import type { Tracked } from "../tracked.ts";
import type { PageJudge } from "../trackers/page-tracker.ts";
import { NumberColumn } from "./number-column.ts";
import { findPages } from "./tree-pages.ts";
import type { TreeMemoryRows } from "./tree-pages.ts";

/** Row i of every column speaks of one page. */
export interface PageList {
  readonly memories: readonly TreeMemoryRows[];
  readonly address: ArrayLike<number>;
  readonly pfn: ArrayLike<number>;
  /** Of the frame, when the page was listed: with its number it names one use of it. */
  readonly allocation: ArrayLike<number>;
  /** Whether an image says of it that all its bytes are zero. */
  readonly content: readonly PageContent[];
}

/** What an image can say of a page, wherever the bytes are. */
export type PageContent = "DATA" | "ZERO";

/** A list made before its pages are copied, and what was learnt on the way. */
export interface CollectedPages extends Omit<PageList, "content"> {
  /** What the parent has of a page that is still as the parent has it; `undefined`: the image must hold the page itself. */
  readonly inParent: readonly (PageContent | undefined)[];
  /** Rows whose frames' marks must go when the image is committed. One that others than the tree have keeps it for theirs. */
  readonly marked: readonly number[];
  /** Entries with a frame, the zero frame not counted. */
  readonly presentPages: number;
}

/** Lists the pages that have content of their own. One is as in the parent if the parent has it and the judge finds it unchanged. */
export function collectPages(tracked: Tracked, parent: PageList | undefined, judge: PageJudge, leftOut: number): CollectedPages {
  const { memory } = tracked;
  const found = findPages(tracked, leftOut);
  const list = {
    memories: [] as TreeMemoryRows[],
    address: new NumberColumn(),
    pfn: new NumberColumn(),
    allocation: new NumberColumn(),
    inParent: [] as (PageContent | undefined)[],
    marked: [] as number[],
    presentPages: found.presentPages,
  };
  const seen = { process: undefined, memory: "", address: 0, pfn: 0, ...untold } as Writable<Parameters<PageJudge>[0]>;
  for (const rows of found.memories) {
    const first = list.address.length;
    const held = heldRows(parent, rows.name);
    const fromCache = rows.process === undefined ? 1 : 0;
    seen.process = rows.process;
    seen.memory = rows.name;
    let at = held.first;
    for (let row = rows.first; row < rows.end; row++) {
      const address = found.address[row];
      const pfn = found.pfn[row];
      const flags = flagsOf(memory, pfn);
      const uses = found.uses[pfn];
      const isElsewhere = referencesOf(memory, pfn) > (uses >>> 1) + fromCache;
      seen.isDirty = (uses & 1) !== 0;
      seen.isPending = (flags & frameFlags.pending) !== 0;
      seen.isOthers = isElsewhere && fromCache === 1;
      // Nobody has stored to it: it holds what its file holds, or zeros.
      if (holdsFileBytes(flags) && !seen.isDirty && !seen.isOthers) continue;
      const use = allocationOf(memory, pfn);
      while (at < held.end && held.list.address[at] < address) at++;
      const isHeld = at < held.end && held.list.address[at] === address;
      seen.address = address;
      seen.pfn = pfn;
      seen.isSameFrame = isHeld && held.list.pfn[at] === pfn && held.list.allocation[at] === use;
      const verdict = judge(seen);
      if (verdict === "left out") continue;
      if ((seen.isDirty || seen.isPending) && !isElsewhere) list.marked.push(list.address.length);
      list.inParent.push(isHeld && verdict === "unchanged" ? held.list.content[at] : undefined);
      list.address.push(address);
      list.pfn.push(pfn);
      list.allocation.push(use);
    }
    list.memories.push({ ...rows, first, end: list.address.length });
  }
  return { ...list, address: list.address.numbers, pfn: list.pfn.numbers, allocation: list.allocation.numbers };
}

const untold = { isSameFrame: false, isDirty: false, isPending: false, isOthers: false };

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

const noPages: PageList = { memories: [], address: [], pfn: [], allocation: [], content: [] };

/** The rows of a memory in the parent. */
function heldRows(
  parent: PageList = noPages,
  name: string,
): { readonly list: PageList; readonly first: number; readonly end: number } {
  const { first, end } = parent.memories.find((known) => known.name === name) ?? { first: 0, end: 0 };
  return { list: parent, first, end };
}

/** The pages of a list that are as in the parent, as the parent has them. */
export function unchangedPages(pages: CollectedPages): PageList {
  return selectPages(pages, pages.inParent);
}

/** The pages of a list whose content is given, row by row. */
export function selectPages(pages: Omit<PageList, "content">, given: readonly (PageContent | undefined)[]): PageList {
  const list = {
    memories: [] as TreeMemoryRows[],
    address: new NumberColumn(),
    pfn: new NumberColumn(),
    allocation: new NumberColumn(),
    content: [] as PageContent[],
  };
  for (const rows of pages.memories) {
    const first = list.address.length;
    for (let row = rows.first; row < rows.end; row++) {
      const content = given[row];
      if (content === undefined) continue;
      list.address.push(pages.address[row]);
      list.pfn.push(pages.pfn[row]);
      list.allocation.push(pages.allocation[row]);
      list.content.push(content);
    }
    list.memories.push({ ...rows, first, end: list.address.length });
  }
  return { ...list, address: list.address.numbers, pfn: list.pfn.numbers, allocation: list.allocation.numbers };
}

/** The rows that were as in the parent, and are not among those that still are. */
export function changedRows(pages: CollectedPages, unchanged: PageList): ReadonlySet<number> {
  const changed = new Set<number>();
  for (const rows of pages.memories) {
    const { list, first, end } = heldRows(unchanged, rows.name);
    let at = first;
    for (let row = rows.first; row < rows.end; row++) {
      while (at < end && list.address[at] < pages.address[row]) at++;
      const isUnchanged = at < end && list.address[at] === pages.address[row];
      if (pages.inParent[row] !== undefined && !isUnchanged) changed.add(row);
    }
  }
  return changed;
}

/** Takes D of every entry of the tree into the marks of the frames behind. A swapped page has none. */
export function takeDirtyBits(tracked: Tracked): void {
  const { architecture, memory } = tracked;
  const { bits } = architecture;
  for (const process of processesOf(tracked)) {
    const { root } = process.space;
    visitEntriesWith(memory, architecture, root, 0, architecture.taskSize, bits.dirty, (page, paddr, entry, level) => {
      if (ptePresent(bits, entry)) process.takeDirty(page, paddr, level);
    });
  }
}

/** Whether the frame of a page was given to nobody else since it was listed. */
export function isInPlace(memory: PhysicalMemory, pages: Pick<PageList, "pfn" | "allocation">, row: number): boolean {
  return allocationOf(memory, pages.pfn[row]) === pages.allocation[row];
}

/** Whether an image can say of a page of zeros that it is one: of private anonymous memory, which is zero unless said otherwise. */
export function mayBeZero({ process }: TreeMemoryRows, address: number): boolean {
  return process !== undefined && areaAt(process.space.areas, address)?.file === undefined;
}

/** Neighbouring pages of one kind as runs. */
export function runsOf(
  { address }: Pick<PageList, "address">,
  kinds: readonly PageKind[],
  { first, end }: Pick<TreeMemoryRows, "first" | "end">,
): readonly PageRun[] {
  const runs: PageRun[] = [];
  for (let row = first, begin = first; row < end; row++) {
    const isLast = row + 1 === end || address[row + 1] !== address[row] + frameBytes || kinds[row + 1] !== kinds[row];
    if (!isLast) continue;
    runs.push({ start: address[begin], pageCount: row + 1 - begin, kind: kinds[row] });
    begin = row + 1;
  }
  return runs;
}

/** Whether all bytes of a page are zero. */
export function isZeros(bytes: Uint8Array): boolean {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  return true;
}
