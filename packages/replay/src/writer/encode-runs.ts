// The events of a segment sorted by key, cut into runs, and the runs packed into blocks.

import { crc32 } from "../format/crc32.ts";
import { keyClass } from "../format/event-key.ts";
import { COPY, RECORD, SAME_LENGTH, WHOLE, longestRun } from "../format/run.ts";
import { recordWords } from "../format/segment-header.ts";
import { longestVarint, putVarint } from "../format/varint.ts";
import { Sniffer } from "./block-list.ts";
import { grown } from "./event-codes.ts";
import { COPIED, LENGTH, OVERWRITTEN } from "./open-segment.ts";
import type { OpenSegment } from "./open-segment.ts";

/** A block ends with the run that makes it this long. */
const blockBytes = 32_768;
/** A run ends with the event that makes it this long: a look unpacks no more than it needs. */
const runBytes = 16_384;
/** More runs than that in a block, and it stays raw: unpacking all for a short one costs more than reading does. */
const mostPackedRuns = 16;

/** Encodes runs; its buffers are used again for the next segment. */
export class RunEncoder {
  readonly #frameCount: number;
  /** Where the next event of each key goes in `#order`. */
  readonly #next: Uint32Array;
  #order: Uint32Array = new Uint32Array(1 << 12);
  #block: Uint8Array = new Uint8Array(1 << 16);
  #blockView: DataView = new DataView(this.#block.buffer);
  #blockEnd = 0;
  #blockRuns = 0;
  #records: Uint32Array = new Uint32Array(1 << 10);
  #runs = 0;
  readonly #sniffer: Sniffer = new Sniffer();
  #heapView: DataView = new DataView(new ArrayBuffer(0));
  readonly #previous: Uint32Array;

  /** `previous` has the last segment of each key, plus one, before the one that is encoded. */
  constructor(frameCount: number, previous: Uint32Array) {
    this.#frameCount = frameCount;
    this.#next = new Uint32Array(previous.length);
    this.#previous = previous;
  }

  /** Adds the blocks of runs to the segment's; returns the run records, lent until the next call. */
  encode(segment: OpenSegment): Uint32Array {
    this.#runs = 0;
    this.#heapView = new DataView(segment.heap.buffer);
    const keys = segment.keysMet.subarray(0, segment.keyCount).toSorted();
    this.#sort(segment, keys);
    let start = 0;
    for (const key of keys) {
      const end = start + segment.keyEvents[key];
      this.#encodeKey(segment, key, start, end);
      start = end;
    }
    this.#endBlock(segment);
    return this.#records.subarray(0, this.#runs * recordWords);
  }

  /** A counting sort: the positions of each key's events side by side, in order of time. */
  #sort(segment: OpenSegment, keys: Uint32Array): void {
    const { codes, count, keyEvents } = segment;
    if (this.#order.length < count) this.#order = new Uint32Array(codes.length);
    const order = this.#order;
    const next = this.#next;
    const keyOf = segment.eventCodes.keys;
    let start = 0;
    for (const key of keys) {
      next[key] = start;
      start += keyEvents[key];
    }
    for (let position = 0; position < count; position++) order[next[keyOf[codes[position]]]++] = position;
  }

  #encodeKey(segment: OpenSegment, key: number, start: number, end: number): void {
    const { lengths } = segment;
    const order = this.#order;
    const values = keyClass(this.#frameCount, key) !== "loaded";
    for (let from = start; from < end;) {
      let bytes = 0;
      let to = from;
      do {
        bytes += 4 + (values ? lengths[order[to]] & LENGTH : 0);
        to++;
      } while (to < end && bytes < runBytes && to - from < longestRun && lengths[order[to]] < OVERWRITTEN);
      this.#encodeRun(segment, key, from, to, bytes);
      from = to;
    }
  }

  #encodeRun(segment: OpenSegment, key: number, from: number, to: number, bytes: number): void {
    const order = this.#order;
    const { lengths, places, data } = segment;
    const count = to - from;
    const kind = keyClass(this.#frameCount, key);
    this.#reserve(4096 + bytes + count * (longestVarint + 4));
    const begin = this.#blockEnd;
    const first = order[from];
    let flags = 0;
    if (lengths[first] >= COPIED) {
      flags = COPY;
      const copy = data[first] * 4;
      this.#block.set(segment.heap.subarray(copy, copy + 4096), begin);
      this.#blockEnd += 4096;
    } else if (lengths[first] >= OVERWRITTEN) {
      flags = WHOLE;
    }
    this.#putPositions(from, to);
    const sameLength = this.#lengthOfAll(lengths, from, to);
    if (kind !== "kind") this.#putPlaces(places, from, to);
    if (sameLength < 0)
      for (let i = from; i < to; i++) this.#blockEnd = putVarint(this.#block, this.#blockEnd, lengths[order[i]] & LENGTH);
    else flags |= SAME_LENGTH | (sameLength << 16);
    if (kind !== "loaded") this.#putValues(segment, from, to, sameLength);
    this.#putRecord(key, first, (flags | count) >>> 0, begin, segment.blocks.count);
    this.#putMask(lengths, places, from, to, flags);
    this.#runs++;
    this.#blockRuns++;
    if (this.#blockEnd >= blockBytes) this.#endBlock(segment);
  }

  #putPositions(from: number, to: number): void {
    const order = this.#order;
    const block = this.#block;
    let at = this.#blockEnd;
    let last = order[from];
    for (let i = from; i < to; i++) {
      const step = order[i] - last;
      last = order[i];
      if (step < 128) block[at++] = step;
      else at = putVarint(block, at, step);
    }
    this.#blockEnd = at;
  }

  #putPlaces(places: Uint16Array, from: number, to: number): void {
    const order = this.#order;
    const block = this.#block;
    let at = this.#blockEnd;
    for (let i = from; i < to; i++) {
      const place = places[order[i]];
      block[at] = place;
      block[at + 1] = place >>> 8;
      at += 2;
    }
    this.#blockEnd = at;
  }

  /** The length that all events have, up to 255; -1 where they differ. */
  #lengthOfAll(lengths: Uint32Array, from: number, to: number): number {
    const order = this.#order;
    const length = lengths[order[from]] & LENGTH;
    if (length > 255) return -1;
    for (let i = from + 1; i < to; i++) if (lengths[order[i]] !== length) return -1;
    return length;
  }

  #putValues(segment: OpenSegment, from: number, to: number, sameLength: number): void {
    const { lengths, data } = segment;
    const order = this.#order;
    let at = this.#blockEnd;
    // Where the frame was copied, its bytes stand before those of the first event.
    const skipped = lengths[order[from]] >= COPIED ? 4096 : 0;
    at = this.#putBytes(segment, data[order[from]] * 4 + skipped, lengths[order[from]] & LENGTH, at);
    const heap = this.#heapView;
    const block = this.#blockView;
    if (sameLength === 8) {
      for (let i = from + 1; i < to; i++) {
        const source = data[order[i]] * 4;
        block.setUint32(at, heap.getUint32(source, true), true);
        block.setUint32(at + 4, heap.getUint32(source + 4, true), true);
        at += 8;
      }
    } else {
      for (let i = from + 1; i < to; i++) at = this.#putBytes(segment, data[order[i]] * 4, lengths[order[i]], at);
    }
    this.#blockEnd = at;
  }

  #putBytes(segment: OpenSegment, source: number, length: number, at: number): number {
    const { heap } = segment;
    if (length > 64) this.#block.set(heap.subarray(source, source + length), at);
    else for (let i = 0; i < length; i++) this.#block[at + i] = heap[source + i];
    return at + length;
  }

  #putRecord(key: number, position: number, count: number, begin: number, block: number): void {
    if ((this.#runs + 1) * recordWords > this.#records.length) {
      this.#records = grown(this.#records, new Uint32Array(this.#records.length * 2));
    }
    const records = this.#records;
    const at = this.#runs * recordWords;
    records[at + RECORD.key] = key;
    records[at + RECORD.position] = position;
    records[at + RECORD.count] = count;
    records[at + RECORD.block] = block;
    records[at + RECORD.start] = begin;
    records[at + RECORD.bytes] = this.#blockEnd - begin;
    records[at + RECORD.previous] = this.#previous[key] - 1;
    records[at + RECORD.crc] = 0;
  }

  /** Notes which lines of 64 bytes the run touches. */
  #putMask(lengths: Uint32Array, places: Uint16Array, from: number, to: number, flags: number): void {
    const order = this.#order;
    let [low, high] = (flags & WHOLE) === 0 ? [0, 0] : [-1, -1];
    for (let i = from; i < to; i++) {
      const place = places[order[i]];
      const last = (place + (lengths[order[i]] & LENGTH) - 1) >> 6;
      for (let line = place >>> 6; line <= last && line < 64; line++) {
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
    const isStored = segment.blocks.add(raw, this.#blockRuns > mostPackedRuns ? undefined : this.#sniffer, "runs");
    if (isStored === "raw") {
      for (let run = this.#runs - this.#blockRuns; run < this.#runs; run++) {
        const at = run * recordWords;
        const start = this.#records[at + RECORD.start];
        this.#records[at + RECORD.crc] = crc32(raw, start, start + this.#records[at + RECORD.bytes]);
      }
    }
    this.#blockEnd = 0;
    this.#blockRuns = 0;
  }

  #reserve(bytes: number): void {
    if (this.#blockEnd + bytes <= this.#block.length) return;
    this.#block = grown(this.#block, new Uint8Array(Math.max(this.#block.length * 2, this.#blockEnd + bytes)));
    this.#blockView = new DataView(this.#block.buffer);
  }
}
