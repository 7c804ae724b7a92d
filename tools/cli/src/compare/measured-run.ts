// One strategy under measurement: a machine of its own, its images, and what they hold and cost.

import { compareMemory } from "@pagelapse/checkpoint";
import type { CheckpointResult, Checkpointer, Comparison, Strategy } from "@pagelapse/checkpoint";
import { disturbanceSeconds, granulePages, pauseSeconds } from "@pagelapse/checkpoint/cost";
import type { Costs } from "@pagelapse/checkpoint/cost";
import { Machine } from "@pagelapse/kernel";
import type { MachineOptions } from "@pagelapse/kernel";
import type { TraceDecoder } from "@pagelapse/trace";
import type { FileSystem } from "@pagelapse/vfs";
import { ComplaintBox } from "../replay/complaint-box.ts";
import { diskRefusal } from "../replay/disk-failure.ts";
import type { ChangedPages } from "./changed-pages.ts";
import { MachineTally, countsAbove } from "./machine-tally.ts";
import type { TallyCounts } from "./machine-tally.ts";
import { RestoreMeter } from "./restore-meter.ts";
import type { MeasuredStrategy } from "./result.ts";
import { watchProcess } from "./watched-process.ts";
import type { Deeds, WatchedProcess } from "./watched-process.ts";

/** What a run needs. */
export interface MeasuredRunOptions {
  readonly machine: MachineOptions;
  /** Where its images go. */
  readonly images: FileSystem;
  /** Begins to decode the trace for a machine. */
  readonly decoderFor: (machine: Machine) => TraceDecoder;
  readonly costs: Costs;
  /** In bytes. */
  readonly granules: readonly number[];
}

/** Is fed through its decoder, and told when a checkpoint is due. */
export class MeasuredRun {
  readonly decoder: TraceDecoder;
  readonly #strategy: Strategy;
  readonly #options: MeasuredRunOptions;
  readonly #machine: Machine;
  readonly #process: WatchedProcess;
  readonly #checkpointer: Checkpointer;
  readonly #tally: MachineTally = new MachineTally();
  readonly #restores: RestoreMeter;
  readonly #failures: ComplaintBox = new ComplaintBox();
  /** Number of the last checkpoint that it took for done; 0 before. */
  #parent = 0;
  readonly #totals = { bytes: 0, firstBytes: 0, pagesSaved: 0, needless: 0, lost: 0, stale: 0, resurrected: 0 };
  readonly #pauses: number[] = [];
  /** Seconds that faults and flushes took while the program stood still: they are in the pauses already. */
  #disturbedPauses = 0;
  readonly #granulePages: number[];

  constructor(strategy: Strategy, options: MeasuredRunOptions) {
    this.#strategy = strategy;
    this.#options = options;
    this.#machine = new Machine({ ...options.machine, store: options.images });
    this.#machine.log.listen(this.#tally.watch);
    this.#process = watchProcess(this.#machine.tracked);
    this.#checkpointer = strategy.start();
    this.#restores = new RestoreMeter(strategy, this.#machine.architecture, options.images);
    this.#granulePages = options.granules.map(() => 0);
    this.decoder = options.decoderFor(this.#machine);
  }

  /** Takes a checkpoint. `changes` has been shown memory as it is now. */
  checkpoint(changes: ChangedPages): void {
    this.#machine.flush();
    const before = this.#tally.counts;
    const result = this.#checkpointer.take(this.#process.tracked);
    this.#machine.flush();
    const saved = this.#tally.takeSaved();
    const deeds = this.#process.takeDeeds();
    const { diskFailure } = this.#tally;
    if (diskFailure !== undefined) throw diskRefusal(result.path, diskFailure);
    const counts = countsAbove(before, this.#tally.counts);
    this.#disturbedPauses += disturbanceSeconds(counts, this.#options.costs);
    if (result.kind !== "committed") {
      this.#fail(changes.number, result.reason);
      return;
    }
    this.#count(result, saved, changes);
    this.#pauses.push(this.#pauseOf(result, counts, saved, deeds));
    const refusal = this.#restores.add(result.path, saved.size);
    if (refusal !== undefined) this.#fail(changes.number, refusal);
    else this.#judge(compareMemory(this.#machine, this.#restores.image));
    this.#parent = changes.number;
  }

  /** The trace is over. */
  end(): void {
    this.decoder.end();
    this.#machine.flush();
  }

  /** What became of it. `plain`: the counts of a machine without checkpoints. */
  result(plain: TallyCounts): MeasuredStrategy {
    const { name, claim } = this.#strategy;
    const { needless, ...totals } = this.#totals;
    const { faults, flushes, shootdowns } = countsAbove(plain, this.#tally.counts);
    const [first = 0, ...later] = this.#pauses;
    const paused = this.#pauses.reduce((sum, pause) => sum + pause, 0);
    const disturbed = disturbanceSeconds({ faults, flushes, shootdowns }, this.#options.costs) - this.#disturbedPauses;
    return {
      name,
      claim,
      checkpoints: this.#pauses.length,
      failures: this.#failures.complaints,
      ...totals,
      needlessPages: needless,
      faults,
      flushes,
      shootdowns,
      pause: { first, later: later.length === 0 ? 0 : (paused - first) / later.length, longest: Math.max(0, ...this.#pauses) },
      seconds: paused + disturbed,
      restores: this.#restores.costs,
      granules: this.#options.granules.map((granuleBytes, index) => ({ granuleBytes, pages: this.#granulePages[index] })),
    };
  }

  #count(result: CommittedCheckpoint, saved: ReadonlyMap<number, number>, changes: ChangedPages): void {
    const totals = this.#totals;
    if (this.#pauses.length === 0) totals.firstBytes = result.byteCount;
    totals.bytes += result.byteCount;
    totals.pagesSaved += saved.size;
    if (this.#parent > 0) {
      for (const vaddr of saved.keys()) if (changes.isUnchangedSince(vaddr, this.#parent)) totals.needless += 1;
    }
    this.#options.granules.forEach((granuleBytes, index) => {
      this.#granulePages[index] += granulePages(saved.keys(), changes.content, granuleBytes);
    });
  }

  /** Of a strategy that forks, only the fork and what is read of the process itself; its child is written out later. */
  #pauseOf(
    { byteCount, presentPages }: CommittedCheckpoint,
    { faults, flushes, shootdowns, syncs }: TallyCounts,
    saved: ReadonlyMap<number, number>,
    { framesRead, hasForked }: Deeds,
  ): number {
    const frames = new Set(saved.values());
    const readAndSaved = [...framesRead].filter((frame) => frames.has(frame)).length;
    const looked = { scanned: presentPages, checked: framesRead.size - readAndSaved, faults, flushes, shootdowns };
    const written = hasForked
      ? { copied: readAndSaved, forked: presentPages, bytesWritten: 0, syncs: 0 }
      : { copied: saved.size, forked: 0, bytesWritten: byteCount, syncs };
    return pauseSeconds({ ...looked, ...written }, this.#options.costs);
  }

  #judge({ lost, stale, resurrected }: Comparison): void {
    this.#totals.lost += lost;
    this.#totals.stale += stale;
    this.#totals.resurrected += resurrected;
  }

  #fail(checkpoint: number, reason: string): void {
    this.#failures.add(`checkpoint ${checkpoint}: ${reason}`);
  }
}

type CommittedCheckpoint = Extract<CheckpointResult, { readonly kind: "committed" }>;
