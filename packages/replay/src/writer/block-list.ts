// The data blocks of the segment that is being written, compressed where that pays.

import type { Codec } from "../format/codec.ts";
import { RAW } from "../format/codec.ts";
import { crc32 } from "../format/crc32.ts";
import { blockEntryBytes } from "../format/segment-header.ts";
import { WaitingBytes } from "./waiting-bytes.ts";

/** A compressed block is at most this part of what it was. */
const gain = 0.75;

/** Blocks as they will stand one after the other. */
export class BlockList {
  readonly stored: WaitingBytes = new WaitingBytes();
  #entries: number[] = [];
  readonly #codec: Codec;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** How many blocks there are: the number of the next one. */
  get count(): number {
    return this.#entries.length / 4;
  }

  /** Adds a block that is read whole. Its bytes may be written to again afterwards. */
  add(raw: Uint8Array): void {
    const packed = this.#pack(raw);
    if (packed === undefined) this.#put(raw, RAW, raw.length, crc32(raw));
    else this.#put(packed, this.#codec.code, raw.length, crc32(packed));
  }

  /** Adds a block of runs and says how it is stored. Of a raw one each run has a checksum, too: they are read one by one. */
  addRuns(raw: Uint8Array, length: "long" | "short"): "raw" | "packed" {
    const packed = length === "long" ? this.#pack(raw) : undefined;
    this.#put(packed ?? raw, packed === undefined ? RAW : this.#codec.code, raw.length, crc32(packed ?? raw));
    return packed === undefined ? "raw" : "packed";
  }

  /** Adds a block of copies of frames, which are read and checked one by one. */
  addCopies(copies: readonly Uint8Array[]): void {
    const byteCount = copies.reduce((sum, copy) => sum + copy.length, 0);
    this.#entries.push(this.stored.byteCount, byteCount, 0, 0);
    for (const copy of copies) this.stored.add(copy);
  }

  /** The table of blocks, as it stands in a head. */
  encodeTable(): Uint8Array {
    const table = new Uint8Array(this.count * blockEntryBytes);
    const view = new DataView(table.buffer);
    this.#entries.forEach((word, index) => view.setUint32(index * 4, word, true));
    return table;
  }

  /** Forgets all. */
  clear(): void {
    this.stored.clear();
    this.#entries = [];
  }

  #pack(raw: Uint8Array): Uint8Array | undefined {
    return raw.length === 0 ? undefined : this.#codec.encode(raw, Math.floor(raw.length * gain));
  }

  #put(bytes: Uint8Array, codec: number, rawBytes: number, crc: number): void {
    this.#entries.push(this.stored.byteCount, (bytes.length | (codec << 29)) >>> 0, rawBytes, crc);
    this.stored.add(bytes);
  }
}
