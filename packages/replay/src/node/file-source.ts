// A recording read from a file of the host.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { ByteSource } from "../reader/byte-source.ts";

/** A file that is open for reading. */
export interface FileSource extends ByteSource {
  close(): void;
}

/**
 * Opens a file. Reading it blocks: a read of what the host has in memory takes 3 microseconds so, and 50 through a thread. Throws
 * what the host says.
 */
export function openFileSource(path: string): FileSource {
  const descriptor = openSync(path, "r");
  return {
    size: fstatSync(descriptor).size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const count = readSync(descriptor, bytes, done, length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
      return done === length ? bytes : bytes.subarray(0, done);
    },
    crc32: (bytes) => crc32(bytes),
    close: () => closeSync(descriptor),
  };
}
