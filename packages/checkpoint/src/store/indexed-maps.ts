// The maps of an image, in which a page is found by its address.

import { frameBytes } from "@pagelapse/mmu";
import { pageMapsOf } from "../image/page-maps.ts";
import type { PageRun } from "../image/page-run.ts";
import type { TreeImage } from "../image/tree-image.ts";

/** A map, with the number of the first DATA page of each run. */
export interface IndexedMap {
  readonly name: string;
  readonly runs: readonly PageRun[];
  /** Of each run: how many DATA pages of the image come before it. */
  readonly firsts: readonly number[];
}

/** All maps of an image, in order. */
export function indexedMapsOf(image: TreeImage): readonly IndexedMap[] {
  let first = 0;
  return pageMapsOf(image).map(({ name, runs }) => {
    const firsts = runs.map(({ kind, pageCount }) => {
      const before = first;
      if (kind === "DATA") first += pageCount;
      return before;
    });
    return { name, runs, firsts };
  });
}

/** The number of the run that a page is in; -1 where no run lists it. */
export function runAt({ runs }: IndexedMap, address: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (runs[middle].start > address) high = middle;
    else low = middle + 1;
  }
  const run = low - 1;
  return run >= 0 && address < runs[run].start + runs[run].pageCount * frameBytes ? run : -1;
}

/** The number of a DATA page that lies in a run. */
export function pageNumber({ runs, firsts }: IndexedMap, run: number, address: number): number {
  return firsts[run] + (address - runs[run].start) / frameBytes;
}
