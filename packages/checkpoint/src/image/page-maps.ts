// The maps of pages of an image, in the order in which its pages are numbered.

import { frameBytes } from "@pagelapse/mmu";
import type { PageKind, PageRun } from "./page-run.ts";
import type { ProcessImage, SharedImage, TreeImage } from "./tree-image.ts";

/** The pages of one process, or of one shared memory. */
export interface PageMap {
  /** What has the same pages in the parent image: `process 12`, `object 3`, `file /lib/libc.so`. */
  readonly name: string;
  readonly runs: readonly PageRun[];
}

/** All maps of an image. */
export function pageMapsOf({ processes, shared }: TreeImage): readonly PageMap[] {
  return [...processes, ...shared].map((owner) => ({ name: mapName(owner), runs: owner.runs }));
}

/** The name of the map of a process or of shared memory. */
export function mapName(owner: ProcessImage | SharedImage): string {
  if ("pid" in owner) return `process ${owner.pid}`;
  return owner.file === undefined ? `object ${owner.object}` : `file ${owner.file}`;
}

/** How many pages of a kind there are, or of all. */
export function countPages(runs: readonly PageRun[], kind?: PageKind): number {
  return runs.reduce((sum, run) => (kind === undefined || run.kind === kind ? sum + run.pageCount : sum), 0);
}

/** The end of a run: the address after its last byte. */
export function endOf({ start, pageCount }: PageRun): number {
  return start + pageCount * frameBytes;
}
