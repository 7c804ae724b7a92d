// The TLBs of a machine, made again by its notes.

import { catalogue } from "@pagelapse/events";
import { Tlb, frameBytes } from "@pagelapse/mmu";
import type { Architecture, TlbSnapshot } from "@pagelapse/mmu";
import type { RecordedMachine } from "./file-header.ts";

const FILLED = catalogue["tlb-filled"].code;
const DIRTIED = catalogue["tlb-dirtied"].code;
const PAGE_FLUSHED = catalogue["tlb-page-flushed"].code;
const SPACE_FLUSHED = catalogue["tlb-space-flushed"].code;
const FLUSHED = catalogue["tlb-flushed"].code;

/** Codes of the notes that say what a TLB does. */
export const tlbNotes: readonly number[] = [FILLED, DIRTIED, PAGE_FLUSHED, SPACE_FLUSHED, FLUSHED];

/** What notes about TLBs add up to. */
export class TlbFold {
  /** One of each processor. */
  readonly tlbs: readonly Tlb[];

  constructor({ tlb, processors }: Pick<RecordedMachine, "tlb" | "processors">, architecture: Architecture) {
    this.tlbs = Array.from({ length: processors }, () => new Tlb(tlb.sets, tlb.ways, architecture.bits));
  }

  /** Takes an event in; only those of `tlbNotes` mean anything. */
  add(kind: number, processor: number, vaddr: number, paddr: number): void {
    const tlb = this.tlbs[processor];
    if (kind === FILLED || kind === DIRTIED) {
      tlb.fill(Math.floor(vaddr / frameBytes), Math.floor(paddr / frameBytes), paddr & (frameBytes - 1));
    } else if (kind === PAGE_FLUSHED) {
      tlb.flushPage(Math.floor(vaddr / frameBytes));
    } else if (kind === SPACE_FLUSHED || kind === FLUSHED) {
      tlb.flush();
    }
  }

  snapshot(): readonly TlbSnapshot[] {
    return this.tlbs.map((tlb) => tlb.snapshot());
  }

  restore(snapshots: readonly TlbSnapshot[]): void {
    snapshots.forEach((snapshot, processor) => this.tlbs[processor].restore(snapshot));
  }
}
