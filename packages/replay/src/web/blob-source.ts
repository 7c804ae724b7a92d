// A recording that a browser's user has chosen, or dropped.

import type { ByteSource } from "../reader/byte-source.ts";

/** Reads a Blob, such as a File. */
export function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    async read(offset, length) {
      return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
    },
  };
}
