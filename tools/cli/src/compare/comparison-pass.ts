// One pass over a trace for all machines: each stops where a checkpoint is due, and goes on when all have taken it.

import type { TraceChunk, TraceDecoder } from "@pagelapse/trace";
import { ChangedPages } from "./changed-pages.ts";
import type { MeasuredRun } from "./measured-run.ts";
import type { PlainRun } from "./plain-run.ts";
import type { IntervalResult } from "./result.ts";

/** Strategies that take checkpoints at the same moments, and what really changed in between. */
export interface IntervalRuns {
  /** Stores between two checkpoints. */
  readonly every: number;
  readonly runs: readonly MeasuredRun[];
}

/** What is known of a row of checkpoints. */
interface Row extends IntervalRuns {
  readonly changes: ChangedPages;
  /** At how many stores the next checkpoint is due. */
  due: number;
  changedPages: number;
  contentPages: number;
}

/** Feeds all machines with each chunk, part by part. */
export class ComparisonPass {
  readonly #plain: PlainRun;
  readonly #rows: readonly Row[];
  readonly #decoders: readonly TraceDecoder[];
  readonly #firstCheckpoint: (contentPages: number) => void;

  /** `firstCheckpoint` is told when the first checkpoint of the first row has been taken, and how many pages have content. */
  constructor(plain: PlainRun, intervals: readonly IntervalRuns[], firstCheckpoint: (contentPages: number) => void) {
    this.#plain = plain;
    this.#rows = intervals.map((each) => ({
      ...each,
      changes: new ChangedPages(),
      due: each.every,
      changedPages: 0,
      contentPages: 0,
    }));
    this.#decoders = [plain.decoder, ...intervals.flatMap(({ runs }) => runs.map(({ decoder }) => decoder))];
    this.#firstCheckpoint = firstCheckpoint;
  }

  /** Replays a chunk, with its checkpoints. Returns where the decoders stopped: the rest is an incomplete record. */
  take(chunk: TraceChunk): number {
    for (let at = chunk.start; ;) {
      const due = Math.min(...this.#rows.map((row) => row.due));
      const from = at;
      for (const decoder of this.#decoders) {
        decoder.storeLimit = due;
        at = decoder.decode(chunk, from);
      }
      if (this.#plain.decoder.stores < due) return at;
      for (const row of this.#rows) if (row.due === due) this.#takeCheckpoints(row);
    }
  }

  /** Of each interval: how many checkpoints were due, and the sums of pages that had changed, and that had content. */
  get checkpoints(): readonly Pick<IntervalResult, "checkpoints" | "changedPages" | "contentPages">[] {
    return this.#rows.map(({ changes, changedPages, contentPages }) => ({
      checkpoints: changes.number,
      changedPages,
      contentPages,
    }));
  }

  #takeCheckpoints(row: Row): void {
    this.#plain.machine.flush();
    row.changes.look(this.#plain.machine);
    row.changedPages += row.changes.changed;
    row.contentPages += row.changes.contentCount;
    for (const run of row.runs) run.checkpoint(row.changes);
    row.due += row.every;
    if (row === this.#rows[0] && row.changes.number === 1) this.#firstCheckpoint(row.changes.contentCount);
  }
}
