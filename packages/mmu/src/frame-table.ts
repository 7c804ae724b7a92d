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
 *     | first free  | first never used | frames in use | 0     |
 */
const recordBytes = 16;
const FLAGS = 4;
const ALLOCATION = 8;
const NEXT_FREE = 12;

/** Flags of a frame. */
export const frameFlags = {
  /** Linux's PG_dirty: D was taken from an entry, and reclaim must still know. */
  dirty: 1,
  /** A checkpoint has taken D and is not committed yet. */
  pending: 2,
  /** The page cache holds this frame: its bytes are a file's. */
  cache: 4,
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

  /** Takes the table of this RAM over; writes an empty one where there is none. */
  constructor(recorded: RecordedRam) {
    this.#recorded = recorded;
    const memory = recorded.ram;
    if (memory.readWord(4) !== 0) return;
    const zero = reservedFrames(memory.frameCount);
    recorded.pair("frame-accounted", 0, 0, 0, zero + 1);
    recorded.word("frame-accounted", 0, 8, 1);
    recorded.word("frame-accounted", 0, zero * recordBytes, 1);
  }

  /** A frame with one reference and no flags, its bytes as they were left; `undefined` when there is none. */
  allocate(): number | undefined {
    const { ram } = this.#recorded;
    const firstFree = ram.readWord(0);
    const neverUsed = ram.readWord(4);
    if (firstFree === 0 && neverUsed === ram.frameCount) return undefined;
    const pfn = firstFree === 0 ? neverUsed : firstFree;
    const record = pfn * recordBytes;
    if (firstFree === 0) this.#recorded.word("frame-accounted", 0, 4, neverUsed + 1);
    else this.#recorded.word("frame-accounted", 0, 0, ram.readWord(record + NEXT_FREE));
    this.#recorded.word("frame-accounted", 0, 8, ram.readWord(8) + 1);
    this.#recorded.pair("frame-accounted", 0, record, 1, 0);
    this.#recorded.pair("frame-accounted", 0, record + ALLOCATION, ram.readWord(record + ALLOCATION) + 1, 0);
    return pfn;
  }

  /** One reference more. */
  share(pfn: number): void {
    this.#recorded.word("frame-accounted", 0, pfn * recordBytes, this.#used(pfn) + 1);
  }

  /** One reference less; the last one frees the frame. */
  release(pfn: number): void {
    const { ram } = this.#recorded;
    const references = this.#used(pfn) - 1;
    const record = pfn * recordBytes;
    this.#recorded.word("frame-accounted", 0, record, references);
    if (references > 0) return;
    this.#recorded.word("frame-accounted", 0, record + NEXT_FREE, ram.readWord(0));
    this.#recorded.word("frame-accounted", 0, 0, pfn);
    this.#recorded.word("frame-accounted", 0, 8, ram.readWord(8) - 1);
  }

  /** Sets or clears flags; says nothing when they are so already. */
  setFlags(pfn: number, flags: number): void {
    const before = flagsOf(this.#recorded.ram, pfn);
    if (before !== flags) this.#recorded.word("frame-accounted", 0, pfn * recordBytes + FLAGS, flags);
  }

  #used(pfn: number): number {
    const references = referencesOf(this.#recorded.ram, pfn);
    if (references === 0) throw new Error(`frame ${pfn} is free`);
    return references;
  }
}
