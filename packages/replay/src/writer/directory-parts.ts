// The directory of a segment: for each key the last segment before it that met the key, in parts that are not all zeros.

import { partKeys } from "../format/segment-header.ts";

/** One part: its number, and its entries. */
export interface DirectoryPart {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** The parts of a directory; `last` holds numbers of segments plus one. */
export function* directoryParts(last: Uint32Array): Generator<DirectoryPart> {
  for (let start = 0; start < last.length; start += partKeys) {
    const entries = last.slice(start, start + partKeys);
    if (entries.some((entry) => entry !== 0)) yield { number: start / partKeys, bytes: new Uint8Array(entries.buffer) };
  }
}
