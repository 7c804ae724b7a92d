// What a comparison has found out: plain data, from which tables, sentences, JSON and chart are made.

import type { Costs, DirtyPoint, PreCopyResult } from "@pagelapse/checkpoint/cost";
import { frameBytes } from "@pagelapse/mmu";
import type { TraceFormat } from "@pagelapse/trace";
import type { Complaints } from "../replay/result.ts";
import type { RestoreCost } from "./restore-meter.ts";

/** What became of one strategy with checkpoints so far apart. Pages are (checkpoint, page) pairs. */
export interface MeasuredStrategy {
  readonly name: string;
  readonly claim: "correct" | "flawed";
  /** Those that it took for done. */
  readonly checkpoints: number;
  /** Checkpoints that ended otherwise, or whose image could not be believed. */
  readonly failures: Complaints;
  readonly pagesSaved: number;
  /** Saved though their bytes are those of the last checkpoint. */
  readonly needlessPages: number;
  readonly lost: number;
  readonly stale: number;
  readonly resurrected: number;
  /** Bytes of its images, and of the first alone. */
  readonly bytes: number;
  readonly firstBytes: number;
  /** Above those of a machine without checkpoints. */
  readonly faults: number;
  readonly flushes: number;
  readonly shootdowns: number;
  /** Modelled seconds that the program stood still: for the first checkpoint, the mean of all later ones, the longest. */
  readonly pause: { readonly first: number; readonly later: number; readonly longest: number };
  /** Modelled seconds that checkpoints took from the program: pauses, and what its faults and flushes took in between. */
  readonly seconds: number;
  /** To restore checkpoint 1, 2, ...: one for each. */
  readonly restores: readonly RestoreCost[];
  /** Pages that it would have saved had it known changes by granules only, for each granule asked for. */
  readonly granules: readonly { readonly granuleBytes: number; readonly pages: number }[];
}

/** All strategies, with checkpoints so many stores apart. */
export interface IntervalResult {
  readonly every: number;
  /** Moments at which checkpoints were taken. */
  readonly checkpoints: number;
  /** Pages with other bytes than at the checkpoint before, or with content for the first time: what no increment can do without. */
  readonly changedPages: number;
  /** Pages with content of their own: what full checkpoints hold. */
  readonly contentPages: number;
  readonly strategies: readonly MeasuredStrategy[];
}

/** A whole comparison. */
export interface ComparisonResult {
  /** The trace, as it was named. */
  readonly trace: string;
  readonly format: TraceFormat;
  readonly stores: number;
  readonly kernelWrites: number;
  readonly processors: number;
  /** How long the comparison took. */
  readonly seconds: number;
  /** Seconds for one of each. */
  readonly costs: Costs;
  /** The first is the one that tables are of; the others ascend. */
  readonly intervals: readonly IntervalResult[];
  /** Distinct pages dirtied: intervals count stores. */
  readonly dirtied: readonly DirtyPoint[];
  readonly preCopy: PreCopyOutcome | undefined;
  /** Seconds. */
  readonly mtbf: number | undefined;
}

/** A copy to another machine, as it was asked for; `undefined` when the trace came to no first checkpoint. */
export interface PreCopyOutcome {
  readonly bandwidth: number;
  readonly downtimeLimit: number;
  /** Pages of memory when it began. */
  readonly pages: number | undefined;
  readonly result: PreCopyResult | undefined;
}

/** Pages that came back wrong. */
export function wrongPages({ lost, stale, resurrected }: MeasuredStrategy): number {
  return lost + stale + resurrected;
}

/** Whether every checkpoint was taken, and came back right. */
export function isRight(strategy: MeasuredStrategy): boolean {
  return strategy.checkpoints > 0 && strategy.failures.count === 0 && wrongPages(strategy) === 0;
}

/** Bytes of full checkpoints at all moments, without any names or maps: what a share of full is a share of. */
export function fullBytes({ contentPages }: IntervalResult): number {
  return contentPages * frameBytes;
}

/** Bytes of a checkpoint after the first; `undefined` when there was none. */
export function incrementBytes({ bytes, firstBytes, checkpoints }: MeasuredStrategy): number | undefined {
  return checkpoints < 2 ? undefined : (bytes - firstBytes) / (checkpoints - 1);
}
