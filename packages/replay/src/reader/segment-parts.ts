// The parts of a segment as they lie in the file: head, pages of run records, blocks; each read when it is first asked for, and checked.

import { BadRecording } from "../format/bad-recording.ts";
import { RAW } from "../format/codec.ts";
import type { Codec } from "../format/codec.ts";
import { blockEntryBytes, pageCountOf, pageEntryBytes, pageRecords, recordWords } from "../format/segment-header.ts";
import { segmentHeaderBytes } from "../format/segment-header.ts";
import type { SegmentHeader } from "../format/segment-header.ts";
import type { BlockCache } from "./block-cache.ts";
import type { ByteSource } from "./byte-source.ts";
import type { Cost } from "./cost.ts";

/** What segments of a recording share. */
export interface SegmentSource {
  readonly source: ByteSource;
  /** CRC-32 of an array: the source's own, which may be the host's, or ours. */
  readonly checksum: (bytes: Uint8Array) => number;
  readonly cache: BlockCache;
  readonly codecs: readonly Codec[];
  readonly cost: Cost;
}

/** The segment's own index, checked. */
export interface Head {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly pageCount: number;
}

/** Where a block stands, counted from the segment's first, and how it is stored. */
export interface BlockEntry {
  readonly offset: number;
  readonly stored: number;
  readonly codec: number;
  readonly raw: number;
  readonly crc: number;
}

/** No codec makes more of a byte: deflate 1,032, LZ4 255. A file's word alone makes nobody allocate. */
const mostGain = 1040;
const pageBytes = pageRecords * recordWords * 4;
/** Numbers in the cache: what a segment has, of each sort. */
const perSegment = 2 ** 25;
const PAGES = 2 ** 22;
const HEAD = perSegment - 1;

/** Length of an array of bytes, for who keeps it. */
export const lengthOf = (bytes: Uint8Array): number => bytes.length;

/** Reads parts. Whatever does not agree with its checksum throws `BadRecording`. */
export class SegmentParts {
  readonly header: SegmentHeader;
  readonly shared: SegmentSource;
  /** Where the first block stands in the file. */
  readonly dataAt: number;

  constructor(header: SegmentHeader, shared: SegmentSource) {
    this.header = header;
    this.shared = shared;
    this.dataAt = header.offset + segmentHeaderBytes;
  }

  head(): Promise<Head> {
    const { headBytes, payloadBytes, headCrc, runs } = this.header;
    const read = async (): Promise<Head> => {
      const bytes = await this.read(this.dataAt + payloadBytes - headBytes, headBytes, headCrc, "a segment's head");
      return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset), pageCount: pageCountOf(runs) };
    };
    return this.shared.cache.get(this.numberOf(HEAD), read, ({ bytes }) => bytes.length);
  }

  /** A page of run records. */
  page(page: number): Promise<Uint32Array> {
    const read = async (): Promise<Uint32Array> => {
      const { view } = await this.head();
      const length = Math.min(pageBytes, this.header.runs * recordWords * 4 - page * pageBytes);
      const crc = view.getUint32(page * pageEntryBytes + 8, true);
      return wordsOf(await this.read(this.#recordsAt + page * pageBytes, length, crc, "a page of run records"));
    };
    return this.shared.cache.get(this.numberOf(PAGES + page), read, (words) => words.byteLength);
  }

  /** All run records, kept nowhere. */
  async allRecords(): Promise<Uint32Array> {
    const { view, pageCount } = await this.head();
    const bytes = await this.read(this.#recordsAt, this.header.runs * recordWords * 4);
    for (let page = 0; page < pageCount; page++) {
      const records = bytes.subarray(page * pageBytes, (page + 1) * pageBytes);
      const crc = view.getUint32(page * pageEntryBytes + 8, true);
      this.check(this.#recordsAt + page * pageBytes, records, crc, "a page of run records");
    }
    return wordsOf(bytes);
  }

  /** A data block, unpacked; not one of runs that is stored as it is. */
  block(number: number): Promise<Uint8Array> {
    return this.shared.cache.get(this.numberOf(number), () => this.readBlock(number), lengthOf);
  }

  /** The same, kept nowhere. */
  async readBlock(number: number): Promise<Uint8Array> {
    const entry = this.entryOf(await this.head(), number);
    return this.#unpacked(entry, await this.read(this.dataAt + entry.offset, entry.stored));
  }

  /** Blocks [from, to), in one read, unpacked, kept nowhere. */
  async readBlocks(from: number, to: number): Promise<readonly Uint8Array[]> {
    const head = await this.head();
    const entries = Array.from({ length: to - from }, (_, index) => this.entryOf(head, from + index));
    const [first, last] = [entries[0], entries[entries.length - 1]];
    const bytes = await this.read(this.dataAt + first.offset, last.offset + last.stored - first.offset);
    return entries.map((entry) => {
      const at = entry.offset - first.offset;
      return this.#unpacked(entry, bytes.subarray(at, at + entry.stored));
    });
  }

  /** Where a block stands. */
  entryOf({ view, pageCount }: Head, number: number): BlockEntry {
    if (number >= this.header.blocks) {
      throw new BadRecording(this.header.offset, `a block below ${this.header.blocks}`, `${number}`);
    }
    const at = pageCount * pageEntryBytes + number * blockEntryBytes;
    const stored = view.getUint32(at + 4, true);
    const entry = {
      offset: view.getUint32(at, true),
      stored: stored & 0x1fff_ffff,
      codec: stored >>> 29,
      raw: view.getUint32(at + 8, true),
      crc: view.getUint32(at + 12, true),
    };
    if (entry.raw > entry.stored * mostGain) {
      throw new BadRecording(
        this.dataAt + entry.offset,
        `a block of at most ${entry.stored * mostGain} bytes`,
        `one of ${entry.raw}`,
      );
    }
    return entry;
  }

  /** Checks a block that was packed, and unpacks it. */
  unpack(entry: BlockEntry, stored: Uint8Array, raw: Uint8Array): void {
    const offset = this.dataAt + entry.offset;
    this.check(offset, stored, entry.crc, "a block");
    const codec = this.shared.codecs.find(({ code }) => code === entry.codec);
    if (codec === undefined) throw new BadRecording(offset, "a codec that was given", `codec ${entry.codec}`);
    if (!codec.decode(stored, raw)) throw new BadRecording(offset, `a block that unpacks to ${raw.length} bytes`, "another");
  }

  /** Bytes of the file; checked, where a checksum is given. */
  async read(offset: number, length: number, crc?: number, what = "bytes"): Promise<Uint8Array> {
    const { cost, source } = this.shared;
    cost.reads++;
    cost.bytesRead += length;
    const bytes = await source.read(offset, length);
    if (crc !== undefined) this.check(offset, bytes, crc, what);
    return bytes;
  }

  /** Throws unless these bytes, which stand there, have that checksum. */
  check(offset: number, bytes: Uint8Array, crc: number, what: string): void {
    this.shared.cost.blocks++;
    const found = this.shared.checksum(bytes);
    if (found !== crc) throw new BadRecording(offset, `${what} with the checksum ${hex(crc)}`, hex(found));
  }

  /** The number of something of this segment in the cache. */
  numberOf(within: number): number {
    return this.header.number * perSegment + within;
  }

  #unpacked(entry: BlockEntry, stored: Uint8Array): Uint8Array {
    if (entry.codec === RAW) {
      this.check(this.dataAt + entry.offset, stored, entry.crc, "a block");
      return stored;
    }
    const raw = new Uint8Array(entry.raw);
    this.unpack(entry, stored, raw);
    return raw;
  }

  get #recordsAt(): number {
    const { payloadBytes, headBytes, runs } = this.header;
    return this.dataAt + payloadBytes - headBytes - runs * recordWords * 4;
  }
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
