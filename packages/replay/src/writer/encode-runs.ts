// The events of a segment sorted by key, cut into runs, and the runs packed into blocks.

import { frameBytes } from "@pagelapse/mmu";
import type { Ram } from "@pagelapse/mmu";
import { crc32 } from "../format/crc32.ts";
import { keyClass } from "../format/event-key.ts";
import { ALONE, COPY, FIRST, RECORD, SAME_LENGTH, WHOLE, linkAt, longestRun, prefixBytes } from "../format/run.ts";
import { recordWords } from "../format/segment-header.ts";
import { longestVarint, putVarint } from "../format/varint.ts";
import { applyEvent, fillCopiedFrames } from "./copied-frames.ts";
import { grown } from "./event-codes.ts";
import { COPIED, LENGTH, OVERWRITTEN } from "./open-segment.ts";
import type { OpenSegment } from "./open-segment.ts";
import { SortedEvents } from "./sorted-events.ts";

/** A block ends with the run that makes it this long, one of short runs later: they are read one by one anyway. */
const blockBytes = 32_768;
const shortBlockBytes = 2 ** 18;
/** A run ends with the event that makes it this long: a look unpacks no more than it needs. */
const runBytes = 16_384;
/** A run below that is short, and stands alone: unpacking a block for it would cost more than reading it does. */
const shortRunBytes = 2048;

/** Encodes runs; its buffers are used again for the next segment. */
export class RunEncoder {
  readonly #frameCount: number;
  /** The machine's memory as the segment found it; frame by frame it becomes what the segment leaves. */
  readonly #memory: Ram;
  readonly #memoryView: DataView;
  readonly #sorted: SortedEvents;
  #block: Uint8Array = new Uint8Array(1 << 16);
  #blockView: DataView = new DataView(this.#block.buffer);
  #blockEnd = 0;
  #blockRuns = 0;
  #isShort = false;
  /** The copies that belong to the block of short runs. */
  readonly #copies: Uint8Array[] = [];
  #records: Uint32Array = new Uint32Array(1 << 10);
  #runs = 0;
  readonly #previous: Uint32Array;
  /** The record of each key's last run; instead of the key its place in its segment. */
  readonly #lastRecords: Uint32Array;
  readonly #fewKeys: number;

  /**
   * `previous` has the last segment of each key, plus one, before the one that is encoded. In a segment of no more than `fewKeys`
   * keys no run is short: of so few blocks each is soon unpacked.
   */
  constructor(memory: Ram, previous: Uint32Array, fewKeys: number) {
    this.#lastRecords = new Uint32Array(previous.length * recordWords);
    this.#fewKeys = fewKeys;
    this.#frameCount = memory.frameCount;
    this.#memory = memory;
    this.#memoryView = new DataView(memory.bytes.buffer);
    this.#sorted = new SortedEvents(previous.length);
    this.#previous = previous;
  }

  /** Adds the blocks of runs to the segment's; returns the run records, lent until the next call. */
  encode(segment: OpenSegment): Uint32Array {
    const sorted = this.#sorted;
    this.#runs = 0;
    sorted.sort(segment);
    fillCopiedFrames(segment, sorted, this.#memory);
    for (const key of sorted.keys) this.#encodeKey(segment, key, sorted.startOf(key), sorted.endOf(key));
    this.#endBlock(segment);
    this.#noteLastRecords();
    return this.#records.subarray(0, this.#runs * recordWords);
  }

  #encodeKey(segment: OpenSegment, key: number, start: number, end: number): void {
    const { lengths } = this.#sorted;
    const values = keyClass(this.#frameCount, key) !== "loaded";
    const mayBeShort = segment.keyCount > this.#fewKeys;
    for (let from = start; from < end;) {
      let bytes = 0;
      let to = from;
      do {
        bytes += 4 + (values ? lengths[to] & LENGTH : 0);
        to++;
      } while (to < end && bytes < runBytes && to - from < longestRun && lengths[to] < OVERWRITTEN);
      const isShort = mayBeShort && bytes < shortRunBytes;
      if (isShort !== this.#isShort) this.#endBlock(segment);
      this.#isShort = isShort;
      this.#encodeRun(segment, key, from, to, bytes, from === start ? FIRST : 0);
      from = to;
    }
  }

  #encodeRun(segment: OpenSegment, key: number, from: number, to: number, bytes: number, place: number): void {
    const count = to - from;
    const kind = keyClass(this.#frameCount, key);
    this.#reserve(frameBytes + recordWords * 4 + bytes + count * (longestVarint + 4));
    const begin = this.#blockEnd;
    const { lengths } = this.#sorted;
    let flags = place + (this.#isShort ? ALONE : 0);
    if (lengths[from] >= COPIED) flags += COPY;
    else if (lengths[from] >= OVERWRITTEN) flags += WHOLE;
    this.#putPrefix(key, flags);
    this.#putPositions(from, to);
    if (kind !== "kind") this.#putPlaces(from, to);
    const sameLength = this.#lengthOfAll(from, to);
    if (sameLength < 0) this.#putLengths(from, to);
    else flags += SAME_LENGTH + sameLength * 0x1_0000;
    if (kind === "kind") this.#putDetails(segment, from, to);
    else if (kind === "written") this.#putValues(segment, key * frameBytes, from, to);
    this.#putRecord(key, from, flags + count, begin, segment);
    this.#putMask(from, to, flags);
    this.#runs++;
    this.#blockRuns++;
    if (this.#blockEnd >= (this.#isShort ? shortBlockBytes : blockBytes)) this.#endBlock(segment);
  }

  /** What stands before a run's columns. Where the copies of short runs go is known when their block ends. */
  #putPrefix(key: number, flags: number): void {
    const begin = this.#blockEnd;
    this.#blockEnd += prefixBytes(flags, (this.#previous[key] - 1) >>> 0);
    if ((flags & ALONE) === 0) {
      if ((flags & COPY) !== 0) this.#block.set(this.#memory.frame(key), begin);
      return;
    }
    if ((flags & COPY) !== 0) this.#copies.push(this.#memory.frame(key).slice());
    const link = begin + linkAt(flags);
    for (let word = 0; link + word * 4 < this.#blockEnd; word++) {
      this.#blockView.setUint32(link + word * 4, this.#lastRecords[key * recordWords + word], true);
    }
  }

  #putPositions(from: number, to: number): void {
    const { positions } = this.#sorted;
    const block = this.#block;
    let at = this.#blockEnd;
    let last = positions[from];
    for (let i = from; i < to; i++) {
      const step = positions[i] - last;
      last = positions[i];
      if (step < 128) block[at++] = step;
      else at = putVarint(block, at, step);
    }
    this.#blockEnd = at;
  }

  #putPlaces(from: number, to: number): void {
    const { places } = this.#sorted;
    const block = this.#block;
    let at = this.#blockEnd;
    for (let i = from; i < to; i++) {
      block[at] = places[i];
      block[at + 1] = places[i] >>> 8;
      at += 2;
    }
    this.#blockEnd = at;
  }

  /** The length that all events have, up to 255; -1 where they differ. */
  #lengthOfAll(from: number, to: number): number {
    const { lengths } = this.#sorted;
    const length = lengths[from] & LENGTH;
    if (length > 255) return -1;
    for (let i = from + 1; i < to; i++) if (lengths[i] !== length) return -1;
    return length;
  }

  #putLengths(from: number, to: number): void {
    const { lengths } = this.#sorted;
    const block = this.#block;
    let at = this.#blockEnd;
    for (let i = from; i < to; i++) {
      const length = lengths[i] & LENGTH;
      if (length < 128) block[at++] = length;
      else at = putVarint(block, at, length);
    }
    this.#blockEnd = at;
  }

  /** The bytes of events that are no writes. */
  #putDetails({ heap }: OpenSegment, from: number, to: number): void {
    const { data, lengths } = this.#sorted;
    for (let i = from; i < to; i++) {
      const start = data[i] * 4;
      this.#block.set(heap.subarray(start, start + lengths[i]), this.#blockEnd);
      this.#blockEnd += lengths[i];
    }
  }

  /** The bytes of writes; they are written to the frame at `base`, too. */
  #putValues(segment: OpenSegment, base: number, from: number, to: number): void {
    const { data, lengths, places } = this.#sorted;
    const { heapWords } = segment;
    const block = this.#blockView;
    const memory = this.#memoryView;
    let at = this.#blockEnd;
    for (let i = from; i < to; i++) {
      if (lengths[i] >= OVERWRITTEN && lengths[i] < COPIED) {
        at = this.#putWhole(segment.heap, base, i, at);
        continue;
      }
      let word = data[i];
      let place = base + places[i];
      let rest = lengths[i] & LENGTH;
      for (; rest >= 4; rest -= 4, at += 4, place += 4, word++) {
        block.setUint32(at, heapWords[word], true);
        memory.setUint32(place, heapWords[word], true);
      }
      for (let bits = heapWords[word]; rest > 0; rest--, bits >>>= 8) {
        block.setUint8(at++, bits);
        memory.setUint8(place++, bits);
      }
    }
    this.#blockEnd = at;
  }

  /** What leaves nothing of the frame as it was. */
  #putWhole(heap: Uint8Array, base: number, event: number, at: number): number {
    const { data, lengths } = this.#sorted;
    const start = data[event] * 4;
    const length = lengths[event] & LENGTH;
    this.#block.set(heap.subarray(start, start + length), at);
    applyEvent(heap, this.#sorted, event, this.#memory.bytes.subarray(base, base + frameBytes));
    return at + length;
  }

  #putRecord(key: number, first: number, count: number, begin: number, { blocks }: OpenSegment): void {
    if ((this.#runs + 1) * recordWords > this.#records.length) {
      this.#records = grown(this.#records, new Uint32Array(this.#records.length * 2));
    }
    const records = this.#records;
    const at = this.#runs * recordWords;
    records[at + RECORD.key] = key;
    records[at + RECORD.position] = this.#sorted.positions[first];
    records[at + RECORD.count] = count;
    records[at + RECORD.block] = blocks.count;
    records[at + RECORD.start] = begin + (this.#isShort ? blocks.stored.byteCount : 0);
    records[at + RECORD.bytes] = this.#blockEnd - begin;
    records[at + RECORD.previous] = this.#previous[key] - 1;
    records[at + RECORD.crc] = 0;
  }

  /** Notes which lines of 64 bytes the run touches. */
  #putMask(from: number, to: number, flags: number): void {
    const { lengths, places } = this.#sorted;
    let [low, high] = (flags & WHOLE) === 0 ? [0, 0] : [-1, -1];
    for (let i = from; i < to; i++) {
      const last = (places[i] + (lengths[i] & LENGTH) - 1) >> 6;
      for (let line = places[i] >>> 6; line <= last && line < 64; line++) {
        if (line < 32) low |= 1 << line;
        else high |= 1 << (line - 32);
      }
    }
    const at = this.#runs * recordWords;
    this.#records[at + RECORD.maskLow] = low;
    this.#records[at + RECORD.maskHigh] = high;
  }

  #endBlock(segment: OpenSegment): void {
    if (this.#blockRuns === 0) return;
    const raw = this.#block.subarray(0, this.#blockEnd);
    const { blocks } = segment;
    const base = this.#isShort ? blocks.stored.byteCount : 0;
    this.#placeCopies(base);
    if (blocks.addRuns(raw, this.#isShort ? "short" : "long") === "raw") {
      for (let run = this.#runs - this.#blockRuns; run < this.#runs; run++) {
        const at = run * recordWords;
        const start = this.#records[at + RECORD.start] - base;
        this.#records[at + RECORD.crc] = crc32(raw, start, start + this.#records[at + RECORD.bytes]);
      }
    }
    if (this.#copies.length > 0) blocks.addCopies(this.#copies);
    this.#copies.length = 0;
    this.#blockEnd = 0;
    this.#blockRuns = 0;
  }

  /** Says in the block's short runs where the copies will stand: behind the block, which begins at `base`. */
  #placeCopies(base: number): void {
    if (this.#copies.length === 0) return;
    let copy = 0;
    for (let run = this.#runs - this.#blockRuns; run < this.#runs; run++) {
      const at = run * recordWords;
      if ((this.#records[at + RECORD.count] & COPY) === 0) continue;
      const start = this.#records[at + RECORD.start] - base;
      this.#blockView.setUint32(start, base + this.#blockEnd + copy * frameBytes, true);
      this.#blockView.setUint32(start + 4, crc32(this.#copies[copy++]), true);
    }
  }

  #noteLastRecords(): void {
    const records = this.#records;
    for (let run = 0; run < this.#runs; run++) {
      const at = run * recordWords;
      const key = records[at];
      if (run + 1 < this.#runs && records[at + recordWords] === key) continue;
      this.#lastRecords.set(records.subarray(at, at + recordWords), key * recordWords);
      this.#lastRecords[key * recordWords] = run;
    }
  }

  #reserve(bytes: number): void {
    if (this.#blockEnd + bytes <= this.#block.length) return;
    this.#block = grown(this.#block, new Uint8Array(Math.max(this.#block.length * 2, this.#blockEnd + bytes)));
    this.#blockView = new DataView(this.#block.buffer);
  }
}
