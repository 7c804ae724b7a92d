// What a machine does that costs time, counted from its events.

import type { Disturbance } from "@pagelapse/checkpoint/cost";
import { catalogue } from "@pagelapse/events";
import type { EventBatch } from "@pagelapse/events";
import { frameBytes } from "@pagelapse/mmu";
import { diskFailureIn } from "../replay/disk-failure.ts";
import type { DiskFailure } from "../replay/disk-failure.ts";

const FAULTED = catalogue["page-faulted"].code;
const PAGE_FLUSHED = catalogue["tlb-page-flushed"].code;
const SPACE_FLUSHED = catalogue["tlb-space-flushed"].code;
const FLUSHED = catalogue["tlb-flushed"].code;
const SHOT_DOWN = catalogue["tlb-shot-down"].code;
const SAVED = catalogue["page-saved"].code;

/** How often something happened so far. */
export interface TallyCounts extends Disturbance {
  readonly syncs: number;
}

/** Watches the batches of one machine. */
export class MachineTally {
  #faults = 0;
  #flushes = 0;
  #shootdowns = 0;
  #syncs = 0;
  #saved: Map<number, number> = new Map();
  /** The first thing that the host's disk refused. */
  diskFailure: DiskFailure | undefined;

  readonly watch = (batch: EventBatch): void => {
    const { kind, count } = batch;
    for (let row = 0; row < count; row++) {
      // Stores, and what a fault does to tables and frames, have smaller codes.
      if (kind[row] >= FAULTED) this.#note(batch, row);
    }
    for (const detail of batch.details.values()) {
      this.diskFailure ??= diskFailureIn(detail);
      if ("operation" in detail && detail.operation === "vfsFsync") this.#syncs += 1;
    }
  };

  get counts(): TallyCounts {
    return { faults: this.#faults, flushes: this.#flushes, shootdowns: this.#shootdowns, syncs: this.#syncs };
  }

  /** Pages saved since this was last asked, each with the frame it was saved from. */
  takeSaved(): ReadonlyMap<number, number> {
    const saved = this.#saved;
    this.#saved = new Map();
    return saved;
  }

  #note(batch: EventBatch, row: number): void {
    const kind = batch.kind[row];
    if (kind === FAULTED) this.#faults += 1;
    else if (kind === PAGE_FLUSHED || kind === SPACE_FLUSHED || kind === FLUSHED) this.#flushes += 1;
    else if (kind === SHOT_DOWN) this.#shootdowns += 1;
    else if (kind === SAVED) this.#saved.set(batch.vaddr[row], Math.floor(batch.paddr[row] / frameBytes));
  }
}

/** What one count has above another: of what happened since, or in another machine. */
export function countsAbove(other: TallyCounts, counts: TallyCounts): TallyCounts {
  return {
    faults: counts.faults - other.faults,
    flushes: counts.flushes - other.flushes,
    shootdowns: counts.shootdowns - other.shootdowns,
    syncs: counts.syncs - other.syncs,
  };
}
