// One strategy on trial: a machine of its own, its checkpoints on disk, and memory rebuilt from their files.

import { join } from "node:path";
import { BadImage, compareMemory, restore } from "@pagelapse/checkpoint";
import type { Checkpointer, Comparison, Rebuild, Strategy } from "@pagelapse/checkpoint";
import type { EventBatch } from "@pagelapse/events";
import { Machine } from "@pagelapse/kernel";
import type { MachineOptions } from "@pagelapse/kernel";
import type { TraceChunk, TraceDecoder } from "@pagelapse/trace";
import { createVfs } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { DiskFileSystem } from "@pagelapse/vfs/node";
import { ComplaintBox } from "./complaint-box.ts";
import { diskFailureIn, diskRefusal } from "./disk-failure.ts";
import type { DiskFailure } from "./disk-failure.ts";
import type { ChainResult, StrategyResult } from "./result.ts";

/** What a trial needs. */
export interface TrialOptions {
  /** Folder of the strategy's files: there, and empty. */
  readonly room: string;
  /** Stores between two checkpoints. */
  readonly every: number;
  readonly machine: MachineOptions;
  /** Begins to decode the trace for a machine. */
  readonly decoderFor: (machine: Machine) => TraceDecoder;
}

/** Takes the trace chunk by chunk; at the end it knows what became of the strategy. */
export class Trial {
  readonly decoder: TraceDecoder;
  readonly #strategy: Strategy;
  readonly #options: TrialOptions;
  readonly #machine: Machine;
  readonly #checkpointer: Checkpointer;
  /** Memory as the files so far give it back. */
  readonly #rebuild: Rebuild;
  /** Where its files are read again, which is no event of the machine. */
  readonly #files: Vfs;
  readonly #chain: string[] = [];
  readonly #flaws: ComplaintBox = new ComplaintBox();
  readonly #failures: ComplaintBox = new ComplaintBox();
  readonly #totals = { taken: 0, events: 0, pagesSaved: 0, bytes: 0, fullBytes: 0, laterPresent: 0, laterSaved: 0 };
  readonly #wrong = { lost: 0, stale: 0, resurrected: 0 };
  #diskFailure: DiskFailure | undefined;
  #firstWrong: StrategyResult["firstWrong"];
  #milliseconds = 0;

  constructor(strategy: Strategy, options: TrialOptions) {
    this.#strategy = strategy;
    this.#options = options;
    const fileSystem = new DiskFileSystem(options.room);
    this.#files = createVfs({ fileSystem });
    this.#machine = new Machine({ ...options.machine, store: fileSystem });
    this.#machine.batches$.subscribe((batch) => this.#watch(batch));
    this.#checkpointer = strategy.start();
    this.#rebuild = strategy.rebuild(this.#machine.architecture);
    this.decoder = options.decoderFor(this.#machine);
    this.decoder.storeLimit = options.every;
  }

  /** Replays a chunk, with its checkpoints. Returns where the decoder stopped: the rest is an incomplete record. */
  take(chunk: TraceChunk): number {
    return this.#timed(() => {
      let at = this.decoder.decode(chunk, chunk.start);
      while (this.decoder.stores === this.decoder.storeLimit) {
        this.#checkpoint();
        this.decoder.storeLimit += this.#options.every;
        at = this.decoder.decode(chunk, at);
      }
      return at;
    });
  }

  /** The trace is over. */
  end(): void {
    this.#timed(() => {
      this.decoder.end();
      this.#machine.flush();
    });
  }

  /** What became of the strategy. */
  result(): StrategyResult {
    const chain = this.#timed(() => this.#restoreChain());
    const { events, pagesSaved, bytes, fullBytes, laterPresent, laterSaved } = this.#totals;
    return {
      name: this.#strategy.name,
      claim: this.#strategy.claim,
      checkpoints: this.#chain.length,
      events,
      pagesSaved,
      later: { present: laterPresent, saved: laterSaved },
      bytes,
      fullBytes,
      ...this.#wrong,
      firstWrong: this.#firstWrong,
      chain,
      flaws: this.#flaws.complaints,
      failures: this.#failures.complaints,
      final: this.decoder.final,
      seconds: this.#milliseconds / 1000,
    };
  }

  #checkpoint(): void {
    this.#machine.flush();
    const result = this.#checkpointer.take(this.#machine.tracked);
    this.#machine.flush();
    this.#totals.taken += 1;
    if (this.#diskFailure !== undefined) throw diskRefusal(this.#hostPath(result.path), this.#diskFailure);
    if (result.kind !== "committed") {
      this.#fail(result.reason);
      return;
    }
    const { pagesSaved, byteCount, fullBytes, presentPages } = result;
    if (this.#chain.length > 0) {
      this.#totals.laterPresent += presentPages;
      this.#totals.laterSaved += pagesSaved;
    }
    this.#totals.pagesSaved += pagesSaved;
    this.#totals.bytes += byteCount;
    this.#totals.fullBytes += fullBytes;
    this.#chain.push(result.path);
    this.#readBack(this.#rebuild, result.path, this.#flaws);
    this.#judge(compareMemory(this.#machine, this.#rebuild.image));
  }

  /** A checkpoint as it stands on disk, taken into a rebuild. */
  #readBack(rebuild: Rebuild, path: string, flaws: ComplaintBox): void {
    try {
      for (const flaw of rebuild.add(this.#files, path)) flaws.add(`${path}: ${flaw}`);
    } catch (reason) {
      if (!(reason instanceof BadImage)) throw reason;
      this.#fail(reason.message);
    }
  }

  #judge(comparison: Comparison): void {
    this.#wrong.lost += comparison.lost;
    this.#wrong.stale += comparison.stale;
    this.#wrong.resurrected += comparison.resurrected;
    if (comparison.first !== undefined) this.#firstWrong ??= { ...comparison.first, checkpoint: this.#totals.taken };
  }

  /**
   * Reads the whole chain again, restores it in a fresh machine and compares that with the memory carried along, which
   * was compared with the machine when the last checkpoint was taken: the machine has gone on since.
   */
  #restoreChain(): ChainResult | undefined {
    if (this.#chain.length === 0) return undefined;
    const { architecture, files } = this.#machine;
    const rebuild = this.#strategy.rebuild(architecture);
    const known = new ComplaintBox();
    for (const path of this.#chain) this.#readBack(rebuild, path, known);
    const restored = restore(rebuild.image, { architecture, frameCount: this.#options.machine.frameCount ?? 2 ** 18, files });
    const { pages, lost, stale, resurrected } = compareMemory(restored, this.#rebuild.image);
    return { pages, wrong: lost + stale + resurrected };
  }

  #fail(reason: string): void {
    this.#failures.add(`checkpoint ${this.#totals.taken}: ${reason}`);
  }

  /** Counts events. A disk that is full is told to who runs this, whatever the strategy makes of it. */
  #watch(batch: EventBatch): void {
    this.#totals.events += batch.count;
    for (const detail of batch.details.values()) this.#diskFailure ??= diskFailureIn(detail);
  }

  #hostPath(path: string): string {
    return join(this.#options.room, path);
  }

  #timed<Result>(act: () => Result): Result {
    const begun = performance.now();
    try {
      return act();
    } finally {
      this.#milliseconds += performance.now() - begun;
    }
  }
}
