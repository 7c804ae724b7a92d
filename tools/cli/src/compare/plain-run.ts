// The program without checkpoints: what it dirties when, and what it costs as it is.

import { DirtyCurve, PreCopy } from "@pagelapse/checkpoint/cost";
import type { DirtyPoint } from "@pagelapse/checkpoint/cost";
import { catalogue } from "@pagelapse/events";
import type { EventBatch } from "@pagelapse/events";
import { Machine } from "@pagelapse/kernel";
import type { MachineOptions } from "@pagelapse/kernel";
import { frameBytes } from "@pagelapse/mmu";
import type { TraceDecoder } from "@pagelapse/trace";
import { MachineTally } from "./machine-tally.ts";
import type { TallyCounts } from "./machine-tally.ts";
import type { PreCopyFlag } from "./compare-flags.ts";
import type { PreCopyOutcome } from "./result.ts";

const STORE = catalogue.store.code;
const KERNEL_STORE = catalogue["kernel-store"].code;

/** Rounds after which a copy is stopped, as Xen's. */
const roundLimit = 30;

/** A machine that nobody takes checkpoints of. */
export class PlainRun {
  readonly machine: Machine;
  readonly decoder: TraceDecoder;
  readonly #tally: MachineTally = new MachineTally();
  readonly #curve: DirtyCurve;
  /** Seconds of a store. */
  readonly #storeSeconds: number;
  /** Stores published so far, and the origin of the last one: the two halves of one that crosses a page have the same. */
  #stores = 0;
  #lastOrigin = -1;
  #preCopy: PreCopy | undefined;
  #preCopyPages: number | undefined;

  /** `shortest`: the shortest interval whose dirtied pages are counted, in stores. */
  constructor(options: MachineOptions, decoderFor: (machine: Machine) => TraceDecoder, shortest: number, storeSeconds: number) {
    this.machine = new Machine(options);
    this.#curve = new DirtyCurve(shortest);
    this.#storeSeconds = storeSeconds;
    this.machine.log.listen((batch) => {
      this.#tally.watch(batch);
      this.#watchStores(batch);
    });
    this.decoder = decoderFor(this.machine);
  }

  get counts(): TallyCounts {
    return this.#tally.counts;
  }

  /** A copy begins, of so many pages. */
  startPreCopy({ bandwidth, downtime }: PreCopyFlag, pages: number): void {
    this.machine.flush();
    this.#preCopyPages = pages;
    this.#preCopy = new PreCopy(
      { bandwidth, downtime, pageBytes: frameBytes, roundLimit },
      pages,
      this.#stores * this.#storeSeconds,
    );
  }

  /** The trace is over. */
  end(): void {
    this.decoder.end();
    this.machine.flush();
    this.#preCopy?.passed(this.#stores * this.#storeSeconds);
  }

  /** Distinct pages dirtied, by the program and by the kernel for it. */
  dirtied(): readonly DirtyPoint[] {
    return this.#curve.points(this.#stores);
  }

  /** What came of the copy that was asked for. */
  preCopyOutcome({ bandwidth, downtime }: PreCopyFlag): PreCopyOutcome {
    return { bandwidth, downtimeLimit: downtime, pages: this.#preCopyPages, result: this.#preCopy?.result };
  }

  #watchStores({ kind, vaddr, origin, count }: EventBatch): void {
    for (let row = 0; row < count; row++) {
      const isStore = kind[row] === STORE;
      if (!isStore && kind[row] !== KERNEL_STORE) continue;
      if (isStore && origin[row] !== this.#lastOrigin) {
        this.#lastOrigin = origin[row];
        this.#stores += 1;
      }
      const page = Math.floor(vaddr[row] / frameBytes);
      // The first store happens at time 0; what the kernel stores happens with the program's last one.
      const time = Math.max(0, this.#stores - 1);
      this.#curve.stored(page, time);
      this.#preCopy?.stored(page, time * this.#storeSeconds);
    }
  }
}
