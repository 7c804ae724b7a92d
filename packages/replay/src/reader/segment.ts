// One segment as it is read: its run records, runs, columns and tables, each read when it is first asked for, and checked.

import { modes } from "../format/address-mode.ts";
import { BadRecording } from "../format/bad-recording.ts";
import { RAW } from "../format/codec.ts";
import type { Codec } from "../format/codec.ts";
import { decodeCodeTable } from "../format/code-table.ts";
import type { CodeTable } from "../format/code-table.ts";
import { crc32 } from "../format/crc32.ts";
import { RECORD } from "../format/run.ts";
import {
  blockEntryBytes,
  pageCountOf,
  pageEntryBytes,
  pageRecords,
  partKeys,
  recordWords,
  segmentHeaderBytes,
  stretchColumns,
  stretchEvents,
} from "../format/segment-header.ts";
import type { SegmentHeader } from "../format/segment-header.ts";
import { DifferenceReader, decodeNumbers } from "../format/stretch.ts";
import type { BlockCache } from "./block-cache.ts";
import type { ByteSource } from "./byte-source.ts";
import type { Cost } from "./cost.ts";

/** What segments of a recording share. */
export interface SegmentSource {
  readonly source: ByteSource;
  readonly cache: BlockCache;
  readonly codecs: readonly Codec[];
  readonly cost: Cost;
}

/** The segment's own index, checked. */
interface Head {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly pageCount: number;
}

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

/** No codec makes more of a byte: deflate 1,032, LZ4 255. A file's word alone makes nobody allocate. */
const mostGain = 1040;
const pageBytes = pageRecords * recordWords * 4;
/** Numbers in the cache: what a segment has, of each sort. */
const perSegment = 2 ** 25;
const PAGES = 2 ** 22;
const RUNS = 2 ** 23;
const HEAD = perSegment - 1;
const TABLE = perSegment - 2;
const SITES = perSegment - 3;

const lengthOf = (bytes: Uint8Array): number => bytes.length;

/** Reads one segment. Whatever does not agree with its checksum throws `BadRecording`. */
export class Segment {
  readonly header: SegmentHeader;
  readonly #shared: SegmentSource;

  constructor(header: SegmentHeader, shared: SegmentSource) {
    this.header = header;
    this.#shared = shared;
  }

  /** The record of that place; `undefined` where there is none. */
  async record(index: number): Promise<RunRecord | undefined> {
    if (index < 0 || index >= this.header.runs) return undefined;
    const page = Math.floor(index / pageRecords);
    return { index, words: await this.#page(page), at: (index - page * pageRecords) * recordWords };
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

  /** The bytes of a run, raw. Of a block that is stored raw only these are read; or all of it, for who reads its other runs next. */
  async run(record: RunRecord, read: "alone" | "with its block" = "alone"): Promise<Uint8Array> {
    const [number, start, length] = [RECORD.block, RECORD.start, RECORD.bytes].map((word) => wordOf(record, word));
    const head = await this.#head();
    const entry = this.#blockEntry(head, number);
    if (entry.codec !== RAW) return (await this.block(number)).subarray(start, start + length);
    const offset = this.#payloadAt + entry.offset + start;
    const { cache } = this.#shared;
    if (read === "with its block") {
      const place = this.#payloadAt + entry.offset;
      const block = await cache.get(this.#number(number), () => this.#read(place, entry.stored), lengthOf);
      const bytes = block.subarray(start, start + length);
      this.#check(offset, bytes, wordOf(record, RECORD.crc), "a run");
      return bytes;
    }
    return cache.get(
      this.#number(record.index + RUNS),
      async () => {
        const bytes = await this.#read(offset, length);
        this.#check(offset, bytes, wordOf(record, RECORD.crc), "a run");
        return bytes;
      },
      lengthOf,
    );
  }

  /** A data block, raw; not one of runs that is stored raw. */
  async block(number: number): Promise<Uint8Array> {
    return this.#shared.cache.get(this.#number(number), () => this.#readBlock(number), lengthOf);
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
    return this.#column(stretch, 2, (bytes) => {
      const reader = new DifferenceReader(bytes);
      const origins = new Float64Array(this.#eventsIn(stretch));
      for (let i = 0; i < origins.length; i++) origins[i] = reader.next();
      return origins;
    });
  }

  /** The virtual address of each event whose code has the mode `written`, NaN for the others. */
  async vaddrsIn(stretch: number): Promise<Float64Array> {
    const [codes, { mode }] = await Promise.all([this.codesIn(stretch), this.codes()]);
    return this.#column(stretch, 3, (bytes) => {
      const reader = new DifferenceReader(bytes);
      const vaddrs = new Float64Array(codes.length);
      for (let i = 0; i < codes.length; i++) vaddrs[i] = mode[codes[i]] === modes.written ? reader.next() : NaN;
      return vaddrs;
    });
  }

  /** What codes mean. */
  async codes(): Promise<CodeTable> {
    const read = async (): Promise<CodeTable> => decodeCodeTable(await this.#readBlock(this.header.codesBlock));
    return this.#shared.cache.get(this.#number(TABLE), read, ({ count }) => count * 24);
  }

  /** The addresses of instructions, by their codes. */
  async sites(): Promise<Float64Array> {
    const read = async (): Promise<Float64Array> => {
      const bytes = await this.#readBlock(this.header.codesBlock + 1);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const half = bytes.length / 2;
      const sites = new Float64Array(bytes.length / 8);
      for (let at = 0; at < half; at += 4) {
        sites[at / 4] = view.getUint32(at, true) + view.getUint32(half + at, true) * 0x1_0000_0000;
      }
      return sites;
    };
    return this.#shared.cache.get(this.#number(SITES), read, (sites) => sites.byteLength);
  }

  /**
   * What the directory says of a key: the last segment before this one that met it, `"never"`; `undefined` where this segment
   * has no directory.
   */
  async directory(key: number): Promise<number | "never" | undefined> {
    const { directoryParts, blocks } = this.header;
    if (directoryParts === 0) return undefined;
    const { view, bytes } = await this.#head();
    const numbers = bytes.length - directoryParts * 4;
    const wanted = Math.floor(key / partKeys);
    let [low, high] = [0, directoryParts];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (view.getUint32(numbers + middle * 4, true) < wanted) low = middle + 1;
      else high = middle;
    }
    if (low === directoryParts || view.getUint32(numbers + low * 4, true) !== wanted) return "never";
    const part = await this.block(blocks - directoryParts + low);
    const entry = new DataView(part.buffer, part.byteOffset).getUint32((key - wanted * partKeys) * 4, true);
    return entry === 0 ? "never" : entry - 1;
  }

  /** Checks the head: what a reader of a recording without an end does before it believes a segment. */
  async check(): Promise<void> {
    await this.#head();
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
    const read = async (): Promise<Column> => decode(await this.#readBlock(block));
    return this.#shared.cache.get(this.#number(block), read, (values) => values.byteLength);
  }

  get #payloadAt(): number {
    return this.header.offset + segmentHeaderBytes;
  }

  #number(within: number): number {
    return this.header.number * perSegment + within;
  }

  /** Place of the first record that is not before (key, position). */
  async #lowerBound(key: number, position: number): Promise<number> {
    const { view, pageCount } = await this.#head();
    let [low, high] = [0, pageCount];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = middle * pageEntryBytes;
      const pageKey = view.getUint32(at, true);
      if (pageKey < key || (pageKey === key && view.getUint32(at + 4, true) < position)) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return 0;
    const words = await this.#page(low - 1);
    let [from, to] = [0, words.length / recordWords];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const at = middle * recordWords;
      if (words[at] < key || (words[at] === key && words[at + 1] < position)) from = middle + 1;
      else to = middle;
    }
    return (low - 1) * pageRecords + from;
  }

  #head(): Promise<Head> {
    const { headBytes, payloadBytes, headCrc, runs } = this.header;
    const read = async (): Promise<Head> => {
      const offset = this.#payloadAt + payloadBytes - headBytes;
      const bytes = await this.#read(offset, headBytes);
      this.#check(offset, bytes, headCrc, "a segment's head");
      return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset), pageCount: pageCountOf(runs) };
    };
    return this.#shared.cache.get(this.#number(HEAD), read, ({ bytes }) => bytes.length);
  }

  #page(page: number): Promise<Uint32Array> {
    const read = async (): Promise<Uint32Array> => {
      const { view } = await this.#head();
      const { runs, payloadBytes, headBytes } = this.header;
      const records = this.#payloadAt + payloadBytes - headBytes - runs * recordWords * 4;
      const offset = records + page * pageBytes;
      const bytes = await this.#read(offset, Math.min(pageBytes, runs * recordWords * 4 - page * pageBytes));
      this.#check(offset, bytes, view.getUint32(page * pageEntryBytes + 8, true), "a page of run records");
      return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    };
    return this.#shared.cache.get(this.#number(PAGES + page), read, (words) => words.byteLength);
  }

  #blockEntry(
    { view, pageCount }: Head,
    number: number,
  ): { offset: number; stored: number; codec: number; raw: number; crc: number } {
    if (number >= this.header.blocks) {
      throw new BadRecording(this.header.offset, `a block below ${this.header.blocks}`, `${number}`);
    }
    const at = pageCount * pageEntryBytes + number * blockEntryBytes;
    const stored = view.getUint32(at + 4, true);
    return {
      offset: view.getUint32(at, true),
      stored: stored & 0x1fff_ffff,
      codec: stored >>> 29,
      raw: view.getUint32(at + 8, true),
      crc: view.getUint32(at + 12, true),
    };
  }

  async #readBlock(number: number): Promise<Uint8Array> {
    const entry = this.#blockEntry(await this.#head(), number);
    const offset = this.#payloadAt + entry.offset;
    const stored = await this.#read(offset, entry.stored);
    this.#check(offset, stored, entry.crc, "a block");
    if (entry.codec === RAW) return stored;
    const codec = this.#shared.codecs.find(({ code }) => code === entry.codec);
    if (codec === undefined) throw new BadRecording(offset, "a codec that was given", `codec ${entry.codec}`);
    if (entry.raw > entry.stored * mostGain) {
      throw new BadRecording(offset, `a block of at most ${entry.stored * mostGain} bytes`, `one of ${entry.raw}`);
    }
    const raw = new Uint8Array(entry.raw);
    if (!codec.decode(stored, raw)) throw new BadRecording(offset, `a block that unpacks to ${entry.raw} bytes`, "another");
    return raw;
  }

  async #read(offset: number, length: number): Promise<Uint8Array> {
    const { cost, source } = this.#shared;
    cost.reads++;
    cost.bytesRead += length;
    return source.read(offset, length);
  }

  #check(offset: number, bytes: Uint8Array, crc: number, what: string): void {
    this.#shared.cost.blocks++;
    const found = crc32(bytes);
    if (found !== crc) throw new BadRecording(offset, `${what} with the checksum ${hex(crc)}`, hex(found));
  }

  #numbers(bytes: Uint8Array, count: number, block: number, limit: number): Uint32Array {
    const numbers = decodeNumbers(bytes, count, limit);
    if (numbers === undefined) {
      throw new BadRecording(this.header.offset, `${count} numbers in block ${block}`, `${bytes.length} bytes`);
    }
    return numbers;
  }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
