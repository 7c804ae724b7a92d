// The events of a segment in order of time, a stretch at a time, forwards or back: what a search through everything spends its time with.

import { EventBatch } from "@pagelapse/events";
import { frameBytes } from "@pagelapse/mmu";
import { modes } from "../format/address-mode.ts";
import { BadRecording } from "../format/bad-recording.ts";
import type { CodeTable } from "../format/code-table.ts";
import { frameOfKey, keyClass, keyCountOf, roleOf, roles } from "../format/event-key.ts";
import { stretchEvents } from "../format/segment-header.ts";
import { decodePlain, restOf } from "./plain-event.ts";
import type { Segment, Stretch } from "./segment.ts";
import { SpreadRuns, shortBytes, spreadWords } from "./spread-runs.ts";

/** Positions of a segment, and which way through them. */
export interface ScanRange {
  readonly from: number;
  readonly to: number;
  readonly direction: "forward" | "back";
}

/** Scans segments one after the other; its memory is used again for the next. */
export class SegmentScan {
  readonly #frameCount: number;
  readonly #runs: SpreadRuns;
  /** Of each code: where its frame begins; where its page does, or -1 where it does not say. */
  #frames: Uint32Array = new Uint32Array(0);
  #pages: Float64Array = new Float64Array(0);
  /** Whether the runs of a key, and the events of a code, are read. */
  readonly #isKeyRead: Uint8Array;
  #isRead: Uint8Array = new Uint8Array(0);
  /** Of each row of the stretch: where it stands among the words of `#runs`. */
  readonly #wordOf = new Uint32Array(stretchEvents);
  #batch: EventBatch | undefined;

  constructor(frameCount: number) {
    this.#frameCount = frameCount;
    this.#runs = new SpreadRuns(frameCount);
    this.#isKeyRead = new Uint8Array(keyCountOf(frameCount));
  }

  /**
   * The events of a range, a batch a stretch; backwards the batches come in that order, not the rows in them. A batch is lent until
   * the next is asked for, or, with `own`, the caller's. With `isMeant`, only the rows of codes for which it has 1 are filled.
   */
  async *stretches(
    segment: Segment,
    { from, to, direction }: ScanRange,
    batches: "lent" | "own",
    isMeant?: Uint8Array,
  ): AsyncGenerator<EventBatch, void, undefined> {
    const table = await segment.codes();
    this.#prepare(table, isMeant);
    await this.#runs.spread(segment, from, to, (key) => this.#isKeyRead[key] === 1);
    const [first, last] = [Math.floor(from / stretchEvents), Math.floor((to - 1) / stretchEvents)];
    for (let i = 0; i <= last - first; i++) {
      const number = direction === "forward" ? first + i : last - i;
      const stretch = await segment.stretch(number);
      const rows = { from: Math.max(from - stretch.start, 0), to: Math.min(to - stretch.start, stretch.codes.length) };
      yield this.#fill(segment, table, stretch, number - first, rows, batches, isMeant);
    }
  }

  #prepare({ count, key, page, mode }: CodeTable, isMeant: Uint8Array | undefined): void {
    this.#isKeyRead.fill(isMeant === undefined ? 1 : 0);
    isMeant?.subarray(0, count).forEach((is, code) => {
      if (is === 1) this.#isKeyRead[key[code]] = 1;
    });
    if (this.#frames.length < count) {
      this.#isRead = new Uint8Array(count);
      this.#frames = new Uint32Array(count);
      this.#pages = new Float64Array(count);
    }
    for (let code = 0; code < count; code++) {
      this.#isRead[code] = this.#isKeyRead[key[code]];
      this.#frames[code] = keyClass(this.#frameCount, key[code]) === "kind" ? 0 : frameOfKey(this.#frameCount, key[code]);
      this.#pages[code] = mode[code] === modes.samePlace ? page[code] * frameBytes : -1;
    }
  }

  #fill(
    segment: Segment,
    table: CodeTable,
    stretch: Stretch,
    index: number,
    rows: { readonly from: number; readonly to: number },
    batches: "lent" | "own",
    isMeant: Uint8Array | undefined,
  ): EventBatch {
    const codes = stretch.codes.subarray(rows.from, rows.to);
    const slots = this.#findRows(index, rows.from);
    const met = this.#runs.counts[index];
    if (met !== this.#countRead(codes)) {
      throw new BadRecording(segment.header.offset, "as many events in runs as codes", `${met} of ${codes.length}`);
    }
    const batch = this.#batchFor(codes.length, slots, batches);
    batch.firstMoment = segment.header.firstEvent + stretch.start + rows.from;
    batch.count = codes.length;
    this.#placeColumns(batch, table, codes, stretch, rows.from, isMeant);
    return batch;
  }

  /** How many events of these codes are read. */
  #countRead(codes: Uint32Array): number {
    const isRead = this.#isRead;
    let count = 0;
    for (let row = 0; row < codes.length; row++) count += isRead[codes[row]];
    return count;
  }

  /** Where each row's event stands; returns how many slots the bytes need at most. */
  #findRows(index: number, from: number): number {
    const { words, counts } = this.#runs;
    const wordOf = this.#wordOf;
    const start = index * stretchEvents * spreadWords;
    const end = start + counts[index] * spreadWords;
    let slots = 0;
    for (let word = start; word < end; word += spreadWords) {
      wordOf[(words[word] & 0xffff) - from] = word;
      slots += (words[word + 1] + 7) >>> 3;
    }
    return slots;
  }

  #batchFor(rows: number, slots: number, batches: "lent" | "own"): EventBatch {
    if (batches === "own") return new EventBatch(rows, slots);
    if (this.#batch === undefined || this.#batch.slotLimit < slots) {
      this.#batch = new EventBatch(stretchEvents, Math.max(slots, stretchEvents));
    }
    this.#batch.clear(0);
    return this.#batch;
  }

  #placeColumns(
    batch: EventBatch,
    table: CodeTable,
    codes: Uint32Array,
    { sites, siteOf, origins, vaddrs }: Stretch,
    from: number,
    isMeant: Uint8Array | undefined,
  ): void {
    const { kind, task, processor, site, vaddr, paddr, length, data, heapWords, origin } = batch;
    const { words } = this.#runs;
    let slot = 0;
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row];
      kind[row] = table.kind[code];
      task[row] = table.task[code];
      processor[row] = table.processor[code];
      site[row] = siteOf[sites[from + row]];
      data[row] = slot;
      if (isMeant !== undefined && isMeant[code] === 0) {
        length[row] = 0;
        continue;
      }
      const word = this.#wordOf[row];
      const place = words[word] >>> 16;
      const page = this.#pages[code];
      const byteCount = words[word + 1];
      paddr[row] = this.#frames[code] + place;
      vaddr[row] = page >= 0 ? page + place : vaddrs === undefined ? 0 : vaddrs[from + row];
      length[row] = byteCount;
      if (byteCount <= shortBytes && roleOf[kind[row]] === roles.write) {
        heapWords[2 * slot] = words[word + 2];
        heapWords[2 * slot + 1] = words[word + 3];
        slot += byteCount === 0 ? 0 : 1;
      } else {
        slot = this.#placeOther(batch, row, word, slot);
      }
    }
    batch.slotCount = slot;
    origin.set(origins.subarray(from, from + codes.length));
  }

  /** A row that is no short write; returns the next slot. Of a frame that was copied only the source stood in the batch. */
  #placeOther(batch: EventBatch, row: number, word: number, slot: number): number {
    const { long, longView, words } = this.#runs;
    const role = roleOf[batch.kind[row]];
    const at = words[word + 2];
    const byteCount = words[word + 1];
    if (role === roles.load) return slot;
    if (role === roles.write) {
      batch.heap.set(long.subarray(at, at + byteCount), slot * 8);
      return slot + ((byteCount + 7) >>> 3);
    }
    if (role === roles.zeroed || role === roles.copied) {
      batch.length[row] = frameBytes;
      if (role === roles.zeroed) return slot;
      batch.heapWords[2 * slot] = longView.getUint32(at, true);
      return slot + 1;
    }
    const event = decodePlain(long, at, byteCount, restOf(batch.kind[row]));
    batch.task[row] = event.task;
    batch.processor[row] = event.processor;
    batch.vaddr[row] = event.vaddr;
    batch.paddr[row] = event.paddr;
    batch.length[row] = event.length;
    if (event.detail !== undefined) batch.details.set(row, event.detail);
    batch.heap.set(event.bytes, slot * 8);
    return slot + ((event.bytes.length + 7) >>> 3);
  }
}
