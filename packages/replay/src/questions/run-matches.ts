// The events of a segment that touch a range or hold some bytes, found run by run: what is no such run is passed over.

import { frameBytes } from "@pagelapse/mmu";
import type { CodeTable } from "../format/code-table.ts";
import { frameOfKey, keyClass, keyCountOf } from "../format/event-key.ts";
import { RECORD, SAME_LENGTH, WHOLE, prefixBytes } from "../format/run.ts";
import { VarintReader } from "../format/varint.ts";
import type { Segment } from "../reader/segment.ts";
import { visitRuns } from "../reader/visit-runs.ts";
import type { VisitedRun } from "../reader/visit-runs.ts";
import { decodeRun } from "../reader/run-events.ts";
import type { AddressRange, EventQuery } from "./event-query.ts";
import { framePart } from "./frame-part.ts";
import type { FramePart } from "./frame-part.ts";

/**
 * Positions in [from, to) of events of the codes that are meant which touch the query's range and hold its bytes, in order. More
 * than those: events of other codes of the same key.
 */
export async function runMatches(
  segment: Segment,
  frameCount: number,
  table: CodeTable,
  isMeant: Uint8Array,
  { range, bytes }: EventQuery,
  from: number,
  to: number,
): Promise<Uint32Array> {
  const isKeyMeant = new Uint8Array(keyCountOf(frameCount));
  const parts = new Map<number, readonly FramePart[]>();
  for (let code = 0; code < table.count; code++) {
    if (isMeant[code] === 0) continue;
    const key = table.key[code];
    isKeyMeant[key] = 1;
    if (range !== undefined) parts.set(key, [...(parts.get(key) ?? []), partOf(table, code, frameCount, range)]);
  }
  const partsOf = (key: number): readonly FramePart[] => parts.get(key) ?? everywhere;
  const found: number[] = [];
  await visitRuns(
    segment,
    (records, record) =>
      isKeyMeant[records[record + RECORD.key]] === 1 &&
      records[record + RECORD.position] < to &&
      (range === undefined || mayTouch(records, record, partsOf(records[record + RECORD.key]))),
    (run) => {
      if (bytes !== undefined && (scanAlike(run, partsOf, bytes, from, to, found) || !mayHold(run, bytes))) return;
      scanRun(run, frameCount, segment.header.offset, partsOf(run.records[run.record + RECORD.key]), bytes, from, to, found);
    },
  );
  return Uint32Array.from(found).toSorted();
}

const everywhere: readonly FramePart[] = [framePart(0, 0, frameBytes)];

function partOf(table: CodeTable, code: number, frameCount: number, { space, start, byteCount }: AddressRange): FramePart {
  const base = space === "virtual" ? table.page[code] * frameBytes : frameOfKey(frameCount, table.key[code]);
  return framePart(base, start, start + byteCount);
}

function mayTouch(records: Uint32Array, record: number, parts: readonly FramePart[]): boolean {
  const [low, high] = [records[record + RECORD.maskLow], records[record + RECORD.maskHigh]];
  for (const { maskLow, maskHigh } of parts) if ((low & maskLow) !== 0 || (high & maskHigh) !== 0) return true;
  return false;
}

/** The hot one: bytes anywhere in writes of one length. `false` for a run that is not of that sort. */
function scanAlike(
  { records, record, bytes, view, start }: VisitedRun,
  partsOf: (key: number) => readonly FramePart[],
  wanted: Uint8Array,
  from: number,
  to: number,
  found: number[],
): boolean {
  const word = records[record + RECORD.count];
  if ((word & SAME_LENGTH) === 0 || (word & WHOLE) !== 0 || wanted.length < 4) return false;
  const length = (word >>> 16) & 0xff;
  const count = word & 0xffff;
  const end = start + records[record + RECORD.bytes];
  const values = end - count * length;
  const first = wanted[0] | (wanted[1] << 8) | (wanted[2] << 16) | (wanted[3] << 24);
  for (let within = 0; within + wanted.length <= length; within++) {
    for (let at = values + within; at < end; at += length) {
      if (view.getInt32(at, true) !== first || !standsAt(bytes, at, wanted)) continue;
      const nth = Math.floor((at - values) / length);
      const place = view.getUint16(values - (count - nth) * 2, true);
      if (!partsOf(records[record]).some((part) => place < part.end && place + length > part.start)) continue;
      const varints = start + prefixBytes(word, records[record + RECORD.previous]);
      const position = positionOf(bytes, varints, records[record + RECORD.position], nth);
      if (position >= from && position < to) found.push(position);
    }
  }
  return true;
}

/** Whether these bytes stand anywhere in a run, be it over the edge of an event: seldom, and only then it is taken apart. */
function mayHold({ records, record, bytes, start }: VisitedRun, wanted: Uint8Array): boolean {
  const end = start + records[record + RECORD.bytes] - wanted.length;
  const [first] = wanted;
  const last = wanted.length - 1;
  for (let at = start; at <= end; at++) {
    if (bytes[at] === first && bytes[at + last] === wanted[last] && standsAt(bytes, at, wanted)) return true;
  }
  return false;
}

function positionOf(bytes: Uint8Array, at: number, first: number, nth: number): number {
  const varints = new VarintReader(bytes, at);
  let position = first;
  for (let i = 0; i <= nth; i++) position += varints.next();
  return position;
}

function standsAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

function scanRun(
  { records, record, bytes, start }: VisitedRun,
  frameCount: number,
  offset: number,
  parts: readonly FramePart[],
  wanted: Uint8Array | undefined,
  from: number,
  to: number,
  found: number[],
): void {
  const own = bytes.subarray(start, start + records[record + RECORD.bytes]);
  const events = decodeRun({ index: 0, words: records, at: record }, own, frameCount, offset);
  const isWritten = keyClass(frameCount, records[record]) === "written";
  for (let i = 0; i < events.count; i++) {
    const position = events.positions[i];
    if (position < from || position >= to) continue;
    const isWhole = i === 0 && events.isWhole;
    const place = isWhole ? 0 : events.places[i];
    const length = isWhole ? frameBytes : events.lengths[i];
    if (!parts.some((part) => place < part.end && place + length > part.start)) continue;
    if (wanted !== undefined && (!isWritten || !holds(own, events.starts[i], events.lengths[i], isWhole, wanted))) continue;
    found.push(position);
  }
}

/** Of a frame that was copied the address of its source stands before the bytes. */
function holds(bytes: Uint8Array, start: number, length: number, isWhole: boolean, wanted: Uint8Array): boolean {
  const from = isWhole && length > 0 ? start + length - frameBytes : start;
  for (let at = from; at + wanted.length <= start + length; at++) if (standsAt(bytes, at, wanted)) return true;
  return false;
}
