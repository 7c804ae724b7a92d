// Which pages stand in which file of pages, and in what order.

import { frameBytes } from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { PageRun } from "../dirty-bit/image.ts";
import { backingOf } from "./area-entry.ts";
import type { PagemapEntry } from "./pagemap.ts";
import type { PagesFile, SavedTree } from "./saved-tree.ts";

/**
 * The files of pages of a tree, one for each map of pages, processes before shared memory: `pages-1.img` is that of the first. Of a
 * map, every DATA page takes a place there, and every ZERO page but those of private anonymous memory, where a page that is
 * not listed is zero: elsewhere it would be the file's.
 */
export function pagesFilesOf(tree: SavedTree): readonly PagesFile[] {
  return mapsOf(tree).map((runs, index) => ({
    name: pagesFileName(index + 1),
    runs: runs.filter(({ kind }) => kind !== "PARENT"),
  }));
}

/** Name of the file of pages that a pagemap names. */
export function pagesFileName(pagesId: number): string {
  return `pages-${pagesId}.img`;
}

/** The runs of each map that stand in its pagemap, PARENT among them. */
export function mapsOf({ processes, shared }: SavedTree): readonly (readonly PageRun[])[] {
  return [...processes.map(({ areas, runs }) => runs.flatMap((run) => listed(areas, run))), ...shared.map(({ runs }) => runs)];
}

/** A map as CRIU lists it. */
export function entriesOf(runs: readonly PageRun[]): readonly PagemapEntry[] {
  const entries: PagemapEntry[] = [];
  for (const { start, pageCount, kind } of runs) {
    const place = kind === "PARENT" ? "parent" : "present";
    const last = entries.at(-1);
    if (last?.place === place && last.start + last.pageCount * frameBytes === start) {
      entries[entries.length - 1] = { ...last, pageCount: last.pageCount + pageCount };
    } else entries.push({ start, pageCount, place });
  }
  return entries;
}

/** A map as its list has it: what is present is DATA, though it may be zeros. */
export function runsOf(entries: readonly PagemapEntry[]): readonly PageRun[] {
  const runs: PageRun[] = [];
  for (const { start, pageCount, place } of entries) {
    const kind = place === "parent" ? "PARENT" : "DATA";
    const last = runs.at(-1);
    if (last?.kind === kind && last.start + last.pageCount * frameBytes === start) {
      runs[runs.length - 1] = { ...last, pageCount: last.pageCount + pageCount };
    } else runs.push({ start, pageCount, kind });
  }
  return runs;
}

/** The parts of a process's run that are listed. */
function listed(areas: readonly Area[], run: PageRun): readonly PageRun[] {
  if (run.kind !== "ZERO") return [run];
  const end = run.start + run.pageCount * frameBytes;
  const parts: PageRun[] = [];
  for (let start = run.start; start < end;) {
    const area = areaAt(areas, start);
    const to = Math.min(end, area?.end ?? end);
    const isZeroAnyway = area !== undefined && backingOf(area) === "anonymous-private";
    if (!isZeroAnyway) parts.push({ start, pageCount: (to - start) / frameBytes, kind: "ZERO" });
    start = to;
  }
  return parts;
}
