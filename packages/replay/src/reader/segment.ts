// One segment as it is read: its run records, runs, columns and tables.

import { frameBytes } from "@pagelapse/mmu";
import { modes } from "../format/address-mode.ts";
import { BadRecording } from "../format/bad-recording.ts";
import { RAW } from "../format/codec.ts";
import { decodeCodeTable } from "../format/code-table.ts";
import type { CodeTable } from "../format/code-table.ts";
import { ALONE, COPY, RECORD } from "../format/run.ts";
import { pageEntryBytes, pageRecords, partKeys, recordWords, stretchColumns, stretchEvents } from "../format/segment-header.ts";
import type { SegmentHeader } from "../format/segment-header.ts";
import { DifferenceReader, decodeNumbers } from "../format/stretch.ts";
import { SegmentParts, lengthOf } from "./segment-parts.ts";
import type { SegmentSource } from "./segment-parts.ts";

/** A run record, as words; `index` is its place among the segment's. */
export interface RunRecord {
  readonly index: number;
  readonly words: Uint32Array;
  /** Where the record's words begin. */
  readonly at: number;
}

/** One word of a record. */
export function wordOf({ words, at }: RunRecord, word: number): number {
  return words[at + word];
}

/** The columns of a stretch. */
export interface Stretch {
  /** Position of its first event. */
  readonly start: number;
  readonly codes: Uint32Array;
  readonly sites: Uint32Array;
  /** The addresses that the codes of sites stand for. */
  readonly siteOf: Float64Array;
  readonly origins: Float64Array;
  /** Virtual addresses, 0 where the code tells; `undefined` where it does for all. */
  readonly vaddrs: Float64Array | undefined;
}

/** Numbers in the cache, beside those of parts. */
const RUNS = 2 ** 23;
const COPIES = 3 * 2 ** 22;
const TABLE = 2 ** 24;
const SITES = TABLE + 1;

/** Reads one segment. Whatever does not agree with its checksum throws `BadRecording`. */
export class Segment {
  readonly header: SegmentHeader;
  readonly parts: SegmentParts;

  constructor(header: SegmentHeader, shared: SegmentSource) {
    this.header = header;
    this.parts = new SegmentParts(header, shared);
  }

  /** The record of that place; `undefined` where there is none. */
  async record(index: number): Promise<RunRecord | undefined> {
    if (index < 0 || index >= this.header.runs) return undefined;
    const page = Math.floor(index / pageRecords);
    return { index, words: await this.parts.page(page), at: (index - page * pageRecords) * recordWords };
  }

  /** The last record of that key whose first event has a position below that. */
  async lastRecord(key: number, position: number): Promise<RunRecord | undefined> {
    const record = await this.record((await this.#lowerBound(key, position)) - 1);
    return record !== undefined && wordOf(record, RECORD.key) === key ? record : undefined;
  }

  /** The first record of that key whose first event has that position or a higher one. */
  async firstRecord(key: number, position: number): Promise<RunRecord | undefined> {
    const record = await this.record(await this.#lowerBound(key, position));
    return record !== undefined && wordOf(record, RECORD.key) === key ? record : undefined;
  }

  /** The bytes of a run. Of a block that is stored as it is only these are read. */
  async run(record: RunRecord): Promise<Uint8Array> {
    const [start, length, crc] = [RECORD.start, RECORD.bytes, RECORD.crc].map((word) => wordOf(record, word));
    const { parts } = this;
    let at = parts.dataAt + start;
    if ((wordOf(record, RECORD.count) & ALONE) === 0) {
      const number = wordOf(record, RECORD.block);
      const entry = parts.entryOf(await parts.head(), number);
      if (entry.codec !== RAW) return (await parts.block(number)).subarray(start, start + length);
      at += entry.offset;
    }
    const read = (): Promise<Uint8Array> => parts.read(at, length, crc, "a run");
    return parts.shared.cache.get(parts.numberOf(RUNS + record.index), read, lengthOf);
  }

  /** The frame before the first event of a run whose bytes these are; `undefined` where the run has no copy of it. */
  async copy(record: RunRecord, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const flags = wordOf(record, RECORD.count);
    if ((flags & COPY) === 0) return undefined;
    if ((flags & ALONE) === 0) return bytes.subarray(0, frameBytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const { parts } = this;
    const read = (): Promise<Uint8Array> =>
      parts.read(parts.dataAt + view.getUint32(0, true), frameBytes, view.getUint32(4, true), "a copy of a frame");
    return parts.shared.cache.get(parts.numberOf(COPIES + record.index), read, lengthOf);
  }

  /** The code of each event of a stretch. */
  async codesIn(stretch: number): Promise<Uint32Array> {
    const { count } = await this.codes();
    return this.#column(stretch, 0, (bytes) => this.#numbers(bytes, this.#eventsIn(stretch), stretch * stretchColumns, count));
  }

  /** The code of each event's site. */
  async sitesIn(stretch: number): Promise<Uint32Array> {
    const { length } = await this.sites();
    return this.#column(stretch, 1, (bytes) =>
      this.#numbers(bytes, this.#eventsIn(stretch), stretch * stretchColumns + 1, length),
    );
  }

  /** The origin of each event. */
  originsIn(stretch: number): Promise<Float64Array> {
    return this.#column(stretch, 2, (bytes) => differences(bytes, this.#eventsIn(stretch)));
  }

  /** The virtual address of each event whose code has the mode `written`, 0 for the others. */
  async vaddrsIn(stretch: number): Promise<Float64Array> {
    const [codes, { mode }] = await Promise.all([this.codesIn(stretch), this.codes()]);
    return this.#column(stretch, 3, (bytes) => this.#written(bytes, codes, mode));
  }

  /** All columns of a stretch, in one read, kept nowhere. */
  async stretch(stretch: number): Promise<Stretch> {
    const first = stretch * stretchColumns;
    const [{ count, mode }, siteOf] = await Promise.all([this.codes(), this.sites()]);
    const [codeBytes, siteBytes, originBytes, vaddrBytes] = await this.parts.readBlocks(first, first + stretchColumns);
    const events = this.#eventsIn(stretch);
    const codes = this.#numbers(codeBytes, events, first, count);
    const origins = differences(originBytes, events);
    const vaddrs = vaddrBytes.length === 0 ? undefined : this.#written(vaddrBytes, codes, mode);
    const sites = this.#numbers(siteBytes, events, first + 1, siteOf.length);
    return { start: stretch * stretchEvents, codes, sites, siteOf, origins, vaddrs };
  }

  /** What codes mean. */
  async codes(): Promise<CodeTable> {
    const read = async (): Promise<CodeTable> => decodeCodeTable(await this.parts.readBlock(this.header.codesBlock));
    return this.parts.shared.cache.get(this.parts.numberOf(TABLE), read, ({ count }) => count * 24);
  }

  /** The addresses of instructions, by their codes. */
  async sites(): Promise<Float64Array> {
    const read = async (): Promise<Float64Array> => {
      const bytes = await this.parts.readBlock(this.header.codesBlock + 1);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const half = bytes.length / 2;
      const sites = new Float64Array(bytes.length / 8);
      for (let at = 0; at < half; at += 4) {
        sites[at / 4] = view.getUint32(at, true) + view.getUint32(half + at, true) * 0x1_0000_0000;
      }
      return sites;
    };
    return this.parts.shared.cache.get(this.parts.numberOf(SITES), read, (sites) => sites.byteLength);
  }

  /** The virtual pages that accesses of the segment touch (`summary.ts`). */
  pages(): Promise<Uint8Array> {
    return this.parts.block(this.header.codesBlock + 2);
  }

  /** The kinds of each stretch (`summary.ts`). */
  stretchKinds(): Promise<Uint8Array> {
    return this.parts.block(this.header.codesBlock + 3);
  }

  /**
   * What the directory says of a key: the last segment before this one that met it, `"never"`; `undefined` where this segment
   * has no directory.
   */
  async directory(key: number): Promise<number | "never" | undefined> {
    const { directoryParts, blocks } = this.header;
    if (directoryParts === 0) return undefined;
    const { view, bytes } = await this.parts.head();
    const numbers = bytes.length - directoryParts * 4;
    const wanted = Math.floor(key / partKeys);
    let [low, high] = [0, directoryParts];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (view.getUint32(numbers + middle * 4, true) < wanted) low = middle + 1;
      else high = middle;
    }
    if (low === directoryParts || view.getUint32(numbers + low * 4, true) !== wanted) return "never";
    const part = await this.parts.block(blocks - directoryParts + low);
    const entry = new DataView(part.buffer, part.byteOffset).getUint32((key - wanted * partKeys) * 4, true);
    return entry === 0 ? "never" : entry - 1;
  }

  /** Checks the head: what a reader of a recording without an end does before it believes a segment. */
  async check(): Promise<void> {
    await this.parts.head();
  }

  #eventsIn(stretch: number): number {
    return Math.min(stretchEvents, this.header.events - stretch * stretchEvents);
  }

  #column<Column extends Uint32Array | Float64Array>(
    stretch: number,
    column: number,
    decode: (bytes: Uint8Array) => Column,
  ): Promise<Column> {
    const block = stretch * stretchColumns + column;
    const read = async (): Promise<Column> => decode(await this.parts.readBlock(block));
    return this.parts.shared.cache.get(this.parts.numberOf(block), read, (values) => values.byteLength);
  }

  /** Place of the first record that is not before (key, position). */
  async #lowerBound(key: number, position: number): Promise<number> {
    const { view, pageCount } = await this.parts.head();
    let [low, high] = [0, pageCount];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = middle * pageEntryBytes;
      const pageKey = view.getUint32(at, true);
      if (pageKey < key || (pageKey === key && view.getUint32(at + 4, true) < position)) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return 0;
    const words = await this.parts.page(low - 1);
    let [from, to] = [0, words.length / recordWords];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const at = middle * recordWords;
      if (words[at] < key || (words[at] === key && words[at + 1] < position)) from = middle + 1;
      else to = middle;
    }
    return (low - 1) * pageRecords + from;
  }

  #written(bytes: Uint8Array, codes: Uint32Array, mode: Uint8Array): Float64Array {
    const reader = new DifferenceReader(bytes);
    const vaddrs = new Float64Array(codes.length);
    for (let i = 0; i < codes.length; i++) if (mode[codes[i]] === modes.written) vaddrs[i] = reader.next();
    return vaddrs;
  }

  #numbers(bytes: Uint8Array, count: number, block: number, limit: number): Uint32Array {
    const numbers = decodeNumbers(bytes, count, limit);
    if (numbers === undefined) {
      throw new BadRecording(this.header.offset, `${count} numbers in block ${block}`, `${bytes.length} bytes`);
    }
    return numbers;
  }
}

function differences(bytes: Uint8Array, count: number): Float64Array {
  const reader = new DifferenceReader(bytes);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) numbers[i] = reader.next();
  return numbers;
}
