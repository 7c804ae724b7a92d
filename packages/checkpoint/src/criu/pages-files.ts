// Which pages stand in which file of pages, and in what order.

import { frameBytes } from "@pagelapse/mmu";
import { areasIn } from "@pagelapse/vma";
import type { PageRun } from "../image/page-run.ts";
import { backingOf } from "./area-entry.ts";
import type { PagemapEntry } from "./pagemap.ts";
import type { PagesFile, SavedProcess, SavedShared, SavedTree } from "./saved-tree.ts";

/**
 * The files of pages of a tree, one for each map of pages and in the order of the maps, so that their DATA pages are in the order of
 * the image: `pages-1.img` is that of the root. The last ones may be empty.
 */
export function pagesFilesOf(tree: SavedTree): readonly PagesFile[] {
  return mapsOf(tree).map((runs, index) => ({
    name: pagesFileName(index + 1),
    runs: runs.filter(({ kind }) => kind === "DATA"),
  }));
}

/** Name of the file of pages that a pagemap names. */
export function pagesFileName(pagesId: number): string {
  return `pages-${pagesId}.img`;
}

/** The runs of each map that are listed: a ZERO page is not, which CRIU takes for zeros in private anonymous memory. */
export function mapsOf(tree: SavedTree): readonly (readonly PageRun[])[] {
  return [...tree.processes.map(listedRuns), ...sharedOf(tree).map(({ runs }) => runs)];
}

/** Shared memory that has pages, then what anonymous memory areas share without any: for CRIU it must have a map all the same. */
export function sharedOf({ processes, shared }: SavedTree): readonly SavedShared[] {
  const written = shared.filter(({ runs }) => runs.length > 0);
  const named = new Set(written.map(({ object }) => object));
  const mapped = new Set(
    processes.flatMap(({ areas }) => areas.flatMap((area) => (backingOf(area) === "anonymous-shared" ? [area.object] : []))),
  );
  const untouched = [...mapped].filter((object) => !named.has(object));
  return [...written, ...untouched.map((object) => ({ file: undefined, object, runs: [] }))];
}

/** A map as CRIU lists it. */
export function entriesOf(runs: readonly PageRun[]): readonly PagemapEntry[] {
  return runs.map(({ start, pageCount, kind }) => ({ start, pageCount, place: kind === "PARENT" ? "parent" : "present" }));
}

/** A map as its list has it; neighbours of one kind become one run. */
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

function listedRuns({ pid, areas, runs }: SavedProcess): readonly PageRun[] {
  return runs.filter(({ start, pageCount, kind }) => {
    if (kind !== "ZERO") return true;
    const other = areasIn(areas, start, start + pageCount * frameBytes).find((area) => backingOf(area) !== "anonymous-private");
    if (other === undefined) return false;
    throw new RangeError(`process ${pid}: ZERO pages at ${start}, which could not be told from the file's at ${other.start}`);
  });
}
