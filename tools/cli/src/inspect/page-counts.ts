// How many pages of each kind a map lists.

import type { PageRun } from "@pagelapse/checkpoint/store";

/** Pages in the image itself, of zeros, and in its parent. */
export interface PageCounts {
  readonly data: number;
  readonly zero: number;
  readonly parent: number;
}

/** Counts the pages of runs. */
export function pageCountsOf(runs: readonly PageRun[]): PageCounts {
  const count = (kind: PageRun["kind"]): number => runs.reduce((sum, run) => (run.kind === kind ? sum + run.pageCount : sum), 0);
  return { data: count("DATA"), zero: count("ZERO"), parent: count("PARENT") };
}
