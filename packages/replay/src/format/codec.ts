// How the bytes of a block are stored: as they are, or compressed.

import { lz4Decode, lz4Encode } from "./lz4.ts";

/** A way to compress. `code`, 1 to 7, stands in the file; the host brings those that are not ours. */
export interface Codec {
  readonly code: number;
  /** The compressed bytes, lent until the next call; `undefined` where they would not be fewer than `limit`. */
  encode(raw: Uint8Array, limit: number): Uint8Array | undefined;
  /** Fills `raw`; `false` where `stored` is not what becomes just so many bytes. */
  decode(stored: Uint8Array, raw: Uint8Array): boolean;
}

/** What stands in the file for a block stored as it is. */
export const RAW = 0;

/** LZ4 blocks in plain JavaScript: the codec of every recording unless another is chosen, and one that every reader has. */
export const lz4: Codec = {
  code: 2,
  encode(raw, limit) {
    if (scratch.length < limit + 16) scratch = new Uint8Array(limit + 16);
    const length = lz4Encode(raw, scratch, limit);
    return length < 0 ? undefined : scratch.subarray(0, length);
  },
  decode: lz4Decode,
};

let scratch = new Uint8Array(2 ** 16);
