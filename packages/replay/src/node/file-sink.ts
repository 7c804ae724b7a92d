// A recording written to a file of the host.

import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import type { RecordingSink } from "../writer/recording-sink.ts";

/** A file that is being written. */
export interface FileSink extends RecordingSink {
  /** Makes durable what was written. */
  sync(): void;
  close(): void;
}

/** Creates a file, which must not exist: a recording is never written over. Throws what the host says. */
export function openFileSink(path: string): FileSink {
  return sinkInto(openSync(path, "wx"));
}

/** The same of a file that is open. */
export function sinkInto(descriptor: number): FileSink {
  return {
    append(bytes) {
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
    },
    sync: () => fsyncSync(descriptor),
    close: () => closeSync(descriptor),
  };
}
