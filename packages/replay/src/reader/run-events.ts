// The events of a run, as they lie in its bytes.

import { BadRecording } from "../format/bad-recording.ts";
import { keyClass } from "../format/event-key.ts";
import { RECORD, SAME_LENGTH, WHOLE, prefixBytes } from "../format/run.ts";
import { VarintReader } from "../format/varint.ts";
import type { RunRecord } from "./segment.ts";
import { wordOf } from "./segment.ts";

/** Events of one key, in order: event `i` is that of the segment's position `positions[i]`. */
export interface RunEvents {
  readonly count: number;
  readonly positions: Uint32Array;
  /** Place in the frame; 0 for kinds. */
  readonly places: Uint16Array;
  readonly lengths: Uint32Array;
  /** Where each event's bytes begin in `bytes`. */
  readonly starts: Uint32Array;
  readonly bytes: Uint8Array;
  /** `false` for loads: then `starts` means nothing. */
  readonly hasBytes: boolean;
  /** The first event leaves nothing of the frame as it was. */
  readonly isWhole: boolean;
}

/** Takes a run apart. `offset` is said to stand where it is not what its record says. */
export function decodeRun(record: RunRecord, bytes: Uint8Array, frameCount: number, offset: number): RunEvents {
  const word = wordOf(record, RECORD.count);
  const count = word & 0xffff;
  const kind = keyClass(frameCount, wordOf(record, RECORD.key));
  const positions = new Uint32Array(count);
  const places = new Uint16Array(count);
  const lengths = new Uint32Array(count);
  const starts = new Uint32Array(count);
  const varints = new VarintReader(bytes, prefixBytes(word, wordOf(record, RECORD.previous)));
  let position = wordOf(record, RECORD.position);
  for (let i = 0; i < count; i++) positions[i] = position += varints.next();
  let { at } = varints;
  if (kind !== "kind") {
    for (let i = 0; i < count; i++) places[i] = bytes[at + 2 * i] | (bytes[at + 2 * i + 1] << 8);
    at += 2 * count;
  }
  if ((word & SAME_LENGTH) === 0) {
    varints.at = at;
    for (let i = 0; i < count; i++) lengths[i] = varints.next();
    ({ at } = varints);
  } else {
    lengths.fill((word >>> 16) & 0xff);
  }
  if (kind !== "loaded") {
    for (let i = 0; i < count; i++) {
      starts[i] = at;
      at += lengths[i];
    }
  }
  if (at !== wordOf(record, RECORD.bytes) || at !== bytes.length) {
    throw new BadRecording(offset, `a run of ${wordOf(record, RECORD.bytes)} bytes`, `${at} of ${bytes.length} bytes`);
  }
  const isWhole = (word & WHOLE) !== 0;
  return { count, positions, places, lengths, starts, bytes, hasBytes: kind !== "loaded", isWhole };
}
