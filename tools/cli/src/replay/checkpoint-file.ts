// Checkpoint files read back whole, one after another, into memory that is used again.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { systemRefusal } from "../refusal.ts";

/** One file at a time. A long run reads thousands of them: a buffer for each would stay until somebody collects it. */
export class CheckpointFile {
  #buffer: Uint8Array = new Uint8Array(2 ** 16);

  /** The bytes of a file on the host, lent until the next is read. Throws a `Refusal` when it cannot be read. */
  read(path: string): Uint8Array {
    try {
      const descriptor = openSync(path, "r");
      try {
        return this.#fill(descriptor, fstatSync(descriptor).size);
      } finally {
        closeSync(descriptor);
      }
    } catch (reason) {
      throw systemRefusal(path, "the checkpoint file that was written", reason) ?? reason;
    }
  }

  #fill(descriptor: number, byteCount: number): Uint8Array {
    if (byteCount > this.#buffer.length) this.#buffer = new Uint8Array(byteCount * 2);
    let done = 0;
    for (let count = -1; done < byteCount && count !== 0; done += count) {
      count = readSync(descriptor, this.#buffer, done, byteCount - done, done);
    }
    return this.#buffer.subarray(0, done);
  }
}
