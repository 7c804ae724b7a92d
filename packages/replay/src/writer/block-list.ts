// The data blocks of the segment that is being written, compressed where that pays.

import type { Codec } from "../format/codec.ts";
import { RAW } from "../format/codec.ts";
import { crc32 } from "../format/crc32.ts";
import { blockEntryBytes } from "../format/segment-header.ts";

/** Whether compressing the blocks of one column has paid lately. Noise is tried only now and then: trying costs most. */
export class Sniffer {
  #waiting = 0;

  /** Whether to try this block. */
  get tries(): boolean {
    if (this.#waiting === 0) return true;
    this.#waiting--;
    return false;
  }

  /** The last try did not pay. */
  gaveUp(): void {
    this.#waiting = 15;
  }
}

/** A compressed block is at most this part of what it was. */
const gain = 0.75;

/** Blocks as they will stand one after the other. */
export class BlockList {
  readonly parts: Uint8Array[] = [];
  byteCount = 0;
  #entries: number[] = [];
  readonly #codec: Codec;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** How many blocks there are: the number of the next one. */
  get count(): number {
    return this.#entries.length / 4;
  }

  /**
   * Adds a block, which may be written to again afterwards, and says how it is stored. It is raw where `sniffer` is
   * `undefined`. A raw block of runs has no checksum: its runs are read one by one, and have checksums of their own.
   */
  add(raw: Uint8Array, sniffer: Sniffer | undefined, holds: "column" | "runs" = "column"): "raw" | "packed" {
    const tries = raw.length > 0 && sniffer?.tries === true;
    const packed = tries ? this.#codec.encode(raw, Math.floor(raw.length * gain)) : undefined;
    if (tries && packed === undefined) sniffer?.gaveUp();
    const stored = (packed ?? raw).slice();
    const crc = packed === undefined && holds === "runs" ? 0 : crc32(stored);
    const codec = packed === undefined ? RAW : this.#codec.code;
    this.#entries.push(this.byteCount, (stored.length | (codec << 29)) >>> 0, raw.length, crc);
    this.parts.push(stored);
    this.byteCount += stored.length;
    return packed === undefined ? "raw" : "packed";
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
    this.parts.length = 0;
    this.#entries = [];
    this.byteCount = 0;
  }
}
