// The writes of a run, applied to its frame.

import { frameBytes } from "@pagelapse/mmu";
import { RECORD, SAME_LENGTH, WHOLE, prefixBytes } from "../format/run.ts";
import { VarintReader } from "../format/varint.ts";
import { wordOf } from "./segment.ts";
import type { RunRecord } from "./segment.ts";

/** Applies those of a run's writes whose position is below that: what a look at a frame spends its time with. */
export function applyRun(record: RunRecord, bytes: Uint8Array, position: number, target: Uint8Array): void {
  const word = wordOf(record, RECORD.count);
  const count = word & 0xffff;
  if (wordOf(record, RECORD.position) >= position) return;
  const varints = new VarintReader(bytes, prefixBytes(word, wordOf(record, RECORD.previous)));
  const applied = countBelow(varints, count, position - wordOf(record, RECORD.position));
  const places = varints.at;
  const lengths = places + 2 * count;
  let at = lengths;
  let same = (word >>> 16) & 0xff;
  if ((word & SAME_LENGTH) === 0) {
    varints.at = lengths;
    for (let i = 0; i < count; i++) varints.next();
    ({ at } = varints);
    varints.at = lengths;
    same = -1;
  }
  for (let i = 0; i < applied; i++) {
    const length = same < 0 ? varints.next() : same;
    const place = bytes[places + 2 * i] | (bytes[places + 2 * i + 1] << 8);
    if (i === 0 && (word & WHOLE) !== 0) overwrite(bytes, at, length, target);
    else if (length > 32) target.set(bytes.subarray(at, at + length), place);
    else for (let byte = 0; byte < length; byte++) target[place + byte] = bytes[at + byte];
    at += length;
  }
}

/** How many events come before; the varints are then behind the last position. */
function countBelow(varints: VarintReader, count: number, position: number): number {
  let below = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    at += varints.next();
    if (at < position) below++;
  }
  return below;
}

/** What was copied has the address of its source before the bytes; a frame that became zero has none. */
function overwrite(bytes: Uint8Array, at: number, length: number, target: Uint8Array): void {
  if (length === 0) target.fill(0);
  else target.set(bytes.subarray(at + length - frameBytes, at + length));
}
