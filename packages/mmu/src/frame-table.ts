// The frame table: who uses each frame, kept in the first frames of RAM, as Linux keeps mem_map.

import { frameBytes } from "./physical-memory.ts";
import type { PhysicalMemory } from "./physical-memory.ts";
import type { RecordedRam } from "./recorded-ram.ts";

/*
 * One record of 16 bytes a frame, from physical address 0 on:
 *
 *      0             4             8             12
 *     +-------------+-------------+-------------+-------------+
 *     | references  | flags       | allocation  | next free   |
 *     +-------------+-------------+-------------+-------------+
 *
 * `allocation` counts how often the frame was given out: a frame and its allocation name a frame's use for good.
 * The record of frame 0, which the table itself fills, is the head of the free list:
 *
 *     | first free  | first never used | frames in use | past the last never used |
 *
 * Single frames come from the low end of what was never used, runs of frames from its high end: nothing moves frames
 * about to make room for a run.
 *
 * Frames above RAM are the swap device's (`swap-device.ts`); a frame in use keeps its slot there in the fourth word.
 */
/** Bytes of a record. */
export const recordBytes = 16;
const FLAGS = 4;
const ALLOCATION = 8;
const NEXT_FREE = 12;
const SLOT = 12;
const NEVER_USED_END = 12;

/** Flags of a frame. */
export const frameFlags = {
  /** Linux's PG_dirty: D was taken from an entry, and reclaim must still know. */
  dirty: 1,
  /** A checkpoint has taken D and is not committed yet. */
  pending: 2,
  /** The page cache holds this frame: its bytes are a file's. */
  cache: 4,
  /** MADV_FREE: reclaim may drop the page without writing it anywhere, unless it is stored to before. */
  lazyFree: 8,
  /** The dirty log holds this frame's page already. */
  logged: 16,
} as const;

/** Frames that the frame table of a RAM of this size fills. */
export function reservedFrames(frameCount: number): number {
  return Math.ceil((frameCount * recordBytes) / frameBytes);
}

/** The frame that every page that was only ever read shares; it holds zeros, and is never freed. */
export function zeroFrame(memory: PhysicalMemory): number {
  return reservedFrames(memory.frameCount);
}

/** How many references (entries, page cache, tables in use) a frame has; 0 for a free one. */
export function referencesOf(memory: PhysicalMemory, pfn: number): number {
  return memory.readWord(pfn * recordBytes);
}

/** The flags of a frame, as `frameFlags` names them. */
export function flagsOf(memory: PhysicalMemory, pfn: number): number {
  return memory.readWord(pfn * recordBytes + FLAGS);
}

/** How often a frame has been given out. */
export function allocationOf(memory: PhysicalMemory, pfn: number): number {
  return memory.readWord(pfn * recordBytes + ALLOCATION);
}

/** Frames in use, the table's own not counted. */
export function framesInUse(memory: PhysicalMemory): number {
  return memory.readWord(8);
}

/** Allocates, shares and frees frames; every change is an event. */
export class FrameTable {
  readonly #recorded: RecordedRam;

  /**
   * Takes the table of this memory over; writes an empty one where there is none. Frames from `ramFrames` on, all that there
   * are unless given, are the swap device.
   */
  constructor(recorded: RecordedRam, ramFrames: number = recorded.ram.frameCount) {
    this.#recorded = recorded;
    const memory = recorded.ram;
    if (memory.readWord(4) !== 0) return;
    const zero = reservedFrames(memory.frameCount);
    recorded.pair("frame-accounted", 0, 0, 0, zero + 1);
    recorded.pair("frame-accounted", 0, 8, 1, ramFrames);
    recorded.word("frame-accounted", 0, zero * recordBytes, 1);
    recorded.word("frame-accounted", 0, zero * recordBytes + SLOT, ramFrames);
  }

  /** A frame with one reference and no flags, its bytes as they were left; `undefined` when there is none. */
  allocate(): number | undefined {
    const { ram } = this.#recorded;
    const firstFree = ram.readWord(0);
    const neverUsed = ram.readWord(4);
    if (firstFree === 0 && neverUsed === ram.readWord(NEVER_USED_END)) return undefined;
    const pfn = firstFree === 0 ? neverUsed : firstFree;
    const record = pfn * recordBytes;
    if (firstFree === 0) this.#recorded.word("frame-accounted", 0, 4, neverUsed + 1);
    else this.#recorded.word("frame-accounted", 0, 0, ram.readWord(record + NEXT_FREE));
    this.#recorded.word("frame-accounted", 0, 8, ram.readWord(8) + 1);
    this.#give(pfn);
    return pfn;
  }

  /**
   * The first of `frameCount` frames side by side (a power of two), aligned to their number, each with one reference:
   * what a large page needs. `undefined` when there is no such run that was never used; freed frames do not form one.
   */
  allocateRun(frameCount: number): number | undefined {
    const { ram } = this.#recorded;
    const end = ram.readWord(NEVER_USED_END);
    const past = end - (end & (frameCount - 1));
    const first = past - frameCount;
    if (first < ram.readWord(4)) return undefined;
    this.#recorded.pair("frame-accounted", 0, 8, ram.readWord(8) + frameCount, first);
    for (let pfn = first; pfn < past; pfn++) this.#give(pfn);
    for (let pfn = past; pfn < end; pfn++) this.#free(pfn);
    return first;
  }

  /** One reference more. */
  share(pfn: number): void {
    this.#recorded.word("frame-accounted", 0, pfn * recordBytes, this.#used(pfn) + 1);
  }

  /** One reference less; the last one frees the frame, and takes it out of the swap cache. */
  release(pfn: number): void {
    const { ram } = this.#recorded;
    const references = this.#used(pfn) - 1;
    const record = pfn * recordBytes;
    this.#recorded.word("frame-accounted", 0, record, references);
    if (references > 0) return;
    const slot = ram.readWord(record + SLOT);
    if (slot !== 0) this.#recorded.word("frame-accounted", 0, slot * recordBytes + SLOT, 0);
    this.#free(pfn);
    this.#recorded.word("frame-accounted", 0, 8, ram.readWord(8) - 1);
  }

  /** Sets or clears flags; says nothing when they are so already. */
  setFlags(pfn: number, flags: number): void {
    const before = flagsOf(this.#recorded.ram, pfn);
    if (before !== flags) this.#recorded.word("frame-accounted", 0, pfn * recordBytes + FLAGS, flags);
  }

  #give(pfn: number): void {
    const record = pfn * recordBytes;
    this.#recorded.pair("frame-accounted", 0, record, 1, 0);
    this.#recorded.pair("frame-accounted", 0, record + ALLOCATION, allocationOf(this.#recorded.ram, pfn) + 1, 0);
  }

  #free(pfn: number): void {
    this.#recorded.word("frame-accounted", 0, pfn * recordBytes + NEXT_FREE, this.#recorded.ram.readWord(0));
    this.#recorded.word("frame-accounted", 0, 0, pfn);
  }

  #used(pfn: number): number {
    const references = referencesOf(this.#recorded.ram, pfn);
    if (references === 0) throw new Error(`frame ${pfn} is free`);
    return references;
  }
}
