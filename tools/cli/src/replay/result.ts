// What a replay has found out: plain data, from which the report, the JSON and the exit code are made.

import type { WrongPage } from "@pagelapse/checkpoint";
import type { FinalResult, LayoutResult, TraceFormat } from "@pagelapse/trace";

/** What became of one strategy. Counts of wrong pages are of (checkpoint, page) pairs. */
export interface StrategyResult {
  readonly name: string;
  /** Whether its author says that a rebuild is right. */
  readonly claim: "correct" | "flawed";
  /** Checkpoints that it took for done. */
  readonly checkpoints: number;
  /** Events of its machine. */
  readonly events: number;
  readonly pagesSaved: number;
  /** Pages that were present, summed over the checkpoints after the first, and how many of them were saved. */
  readonly later: { readonly present: number; readonly saved: number };
  readonly bytes: number;
  /** What full checkpoints at the same moments would have taken. */
  readonly fullBytes: number;
  readonly lost: number;
  readonly stale: number;
  readonly resurrected: number;
  /** The first wrong page of the first checkpoint that had one; checkpoints count from 1. */
  readonly firstWrong: (WrongPage & { readonly checkpoint: number }) | undefined;
  /** The last checkpoint's memory, restored from the whole chain in a fresh machine, beside what was carried along. */
  readonly chain: ChainResult | undefined;
  /** What its files' decoder complained of. */
  readonly flaws: Complaints;
  /** Checkpoints that ended other than well, or whose file could not be believed. */
  readonly failures: Complaints;
  /** Its machine's memory beside the trace's FINAL contents. */
  readonly final: FinalResult;
  /** Time of its own replaying, checkpointing and rebuilding. */
  readonly seconds: number;
}

/** A restore from the first file to the last: so many pages compared, so many of them wrong. */
export interface ChainResult {
  readonly pages: number;
  readonly wrong: number;
}

/** How often something was complained of, and the first complaint. */
export interface Complaints {
  readonly count: number;
  readonly first: string | undefined;
}

/** A whole run. */
export interface ReplayResult {
  /** The trace, as it was named. */
  readonly trace: string;
  readonly format: TraceFormat;
  readonly stores: number;
  readonly kernelWrites: number;
  /** Stores between two checkpoints. */
  readonly every: number;
  readonly seconds: number;
  /** Where the files are. */
  readonly folder: string;
  /** The areas at exit beside those that Valgrind printed, where it printed them. */
  readonly layout: LayoutResult | undefined;
  /** One at least. */
  readonly strategies: readonly StrategyResult[];
}

/** Pages that came back wrong. */
export function wrongPages(result: StrategyResult): number {
  return result.lost + result.stale + result.resurrected;
}

/** Whether memory came back right, every time and from the whole chain, and no checkpoint failed. */
export function isRight(strategy: StrategyResult): boolean {
  return wrongPages(strategy) === 0 && (strategy.chain?.wrong ?? 0) === 0 && strategy.failures.count === 0;
}

/** Whether every strategy that claims to be correct was, and every machine ended with the memory and areas of the program. */
export function claimsHeld(result: ReplayResult): boolean {
  const agrees = result.layout === undefined || result.layout.differences.length === 0;
  return (
    agrees &&
    result.strategies.every((strategy) => strategy.final.wrongBytes === 0 && (strategy.claim === "flawed" || isRight(strategy)))
  );
}
