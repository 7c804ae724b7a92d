// Where the bytes of a recording come from.

/** Bytes that can be read anywhere: a file, a Blob, something on the net. */
export interface ByteSource {
  /** How many bytes there are. */
  readonly size: number;
  /** The `length` bytes from `offset` on, in an array of their own; fewer where the source ends before. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The host's own CRC-32, where it is faster than one in JavaScript. */
  readonly crc32?: (bytes: Uint8Array) => number;
}

/** Bytes that are in memory. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    // A copy, at an address of its own: `slice` of a Node `Buffer` is neither.
    read: (offset, length) => Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + length))),
  };
}
