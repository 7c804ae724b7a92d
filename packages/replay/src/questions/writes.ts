// Who wrote these bytes: the last write before a moment, the next one after, and all of them.

import { frameBytes } from "@pagelapse/mmu";
import { loadKey } from "../format/event-key.ts";
import { RECORD } from "../format/run.ts";
import { lastRun, runBefore } from "../reader/past-frame.ts";
import type { Recording } from "../reader/recording.ts";
import { decodeRun } from "../reader/run-events.ts";
import type { RunEvents } from "../reader/run-events.ts";
import { wordOf } from "../reader/segment.ts";
import type { RunRecord, Segment } from "../reader/segment.ts";
import { framePart } from "./frame-part.ts";
import type { FramePart } from "./frame-part.ts";

/** Bytes of physical memory. */
export interface MemoryRange {
  readonly paddr: number;
  readonly byteCount: number;
}

/** A write (or, asked for, a load) that touched the range. */
export interface PastAccess {
  /** The event of that moment: one earlier than the first moment that shows what it wrote. */
  readonly moment: number;
  readonly paddr: number;
  readonly byteCount: number;
  /** What was written: of a whole frame all of it; nothing for a load. */
  readonly bytes: Uint8Array;
}

/** Which accesses are meant. */
export interface AccessFilter {
  /** Writes, of whatever kind; or loads, which were recorded if the machine was asked to. Writes. */
  readonly access?: "write" | "load";
  /** Whether one is meant. */
  readonly where?: (access: PastAccess) => boolean;
}

/** The last access before a moment. `undefined`: there was none; the bytes are 0 if it was a write that was asked for. */
export async function lastAccess(
  recording: Recording,
  range: MemoryRange,
  before: number,
  filter: AccessFilter = {},
): Promise<PastAccess | undefined> {
  let found: PastAccess | undefined;
  for (const part of partsOf(recording, range, filter)) {
    let run = await lastRun(recording, part.key, before);
    while (run !== undefined) {
      const { segment, record } = run;
      const { firstEvent } = segment.header;
      // What an earlier frame of the range has found is later than all of this run.
      if (found !== undefined && firstEvent + segment.header.events <= found.moment) break;
      if (touches(record, part)) {
        const events = await eventsOf(recording, segment, record);
        const at = lastMatch(events, part, firstEvent, before, filter);
        if (at !== undefined) {
          if (found === undefined || at.moment > found.moment) found = at;
          break;
        }
      }
      run = await runBefore(recording, run);
    }
  }
  return found;
}

/** The first access from a moment on. */
export async function nextAccess(
  recording: Recording,
  range: MemoryRange,
  from: number,
  filter: AccessFilter = {},
): Promise<PastAccess | undefined> {
  for await (const access of accesses(recording, range, from, recording.moments, filter)) return access;
  return undefined;
}

/** All accesses whose moments are in [from, to), in order; nothing is read ahead of who asks, but for the rest of a segment. */
export async function* accesses(
  recording: Recording,
  range: MemoryRange,
  from: number,
  to: number,
  filter: AccessFilter = {},
): AsyncGenerator<PastAccess, void, undefined> {
  if (from >= to) return;
  const parts = partsOf(recording, range, filter);
  let number = recording.segmentBefore(from + 1).header.number;
  for (;;) {
    // Of each frame of the range the next segment that has anything.
    const nexts = await Promise.all(parts.map(({ key }) => recording.firstWith(key, number)));
    const segment = nexts.reduce((one, other) =>
      one === undefined || (other !== undefined && other.header.number < one.header.number) ? other : one,
    );
    if (segment === undefined || segment.header.firstEvent >= to) return;
    for (const part of parts.length === 1 ? parts : []) yield* accessesIn(recording, segment, part, from, to, filter);
    if (parts.length > 1) {
      const found: PastAccess[] = [];
      for (const part of parts) for await (const one of accessesIn(recording, segment, part, from, to, filter)) found.push(one);
      yield* found.toSorted((left, right) => left.moment - right.moment);
    }
    number = segment.header.number + 1;
  }
}

/** The part of a range that lies in one frame. */
interface RangePart extends FramePart {
  readonly key: number;
  /** Where the frame begins. */
  readonly frame: number;
}

function partsOf(recording: Recording, { paddr, byteCount }: MemoryRange, { access }: AccessFilter): readonly RangePart[] {
  const parts: RangePart[] = [];
  const { frameCount } = recording;
  if (!(byteCount > 0 && paddr >= 0 && paddr + byteCount <= frameCount * frameBytes)) {
    throw new RangeError(`${byteCount} bytes at ${paddr}: the machine has ${frameCount * frameBytes}`);
  }
  for (let frame = paddr - (paddr & (frameBytes - 1)); frame < paddr + byteCount; frame += frameBytes) {
    const pfn = frame / frameBytes;
    const key = access === "load" ? loadKey(frameCount, pfn) : pfn;
    parts.push({ key, frame, ...framePart(frame, paddr, paddr + byteCount) });
  }
  return parts;
}

function touches(record: RunRecord, { maskLow, maskHigh }: RangePart): boolean {
  return (wordOf(record, RECORD.maskLow) & maskLow) !== 0 || (wordOf(record, RECORD.maskHigh) & maskHigh) !== 0;
}

async function eventsOf(recording: Recording, segment: Segment, record: RunRecord): Promise<RunEvents> {
  return decodeRun(record, await segment.run(record), recording.frameCount, segment.header.offset);
}

async function* accessesIn(
  recording: Recording,
  segment: Segment,
  part: RangePart,
  from: number,
  to: number,
  filter: AccessFilter,
): AsyncGenerator<PastAccess, void, undefined> {
  const { firstEvent } = segment.header;
  let record = (await segment.lastRecord(part.key, from - firstEvent + 1)) ?? (await segment.firstRecord(part.key, 0));
  while (record !== undefined && wordOf(record, RECORD.key) === part.key && firstEvent + wordOf(record, RECORD.position) < to) {
    if (touches(record, part)) {
      const events = await eventsOf(recording, segment, record);
      for (let i = 0; i < events.count; i++) {
        const moment = firstEvent + events.positions[i];
        if (moment < from || moment >= to) continue;
        const access = accessAt(events, i, part, moment);
        if (access !== undefined && filter.where?.(access) !== false) yield access;
      }
    }
    record = await segment.record(record.index + 1);
  }
}

function lastMatch(
  events: RunEvents,
  part: RangePart,
  firstEvent: number,
  before: number,
  { where }: AccessFilter,
): PastAccess | undefined {
  for (let i = events.count - 1; i >= 0; i--) {
    const moment = firstEvent + events.positions[i];
    if (moment >= before) continue;
    const access = accessAt(events, i, part, moment);
    if (access !== undefined && where?.(access) !== false) return access;
  }
  return undefined;
}

/** Event `i`, where it touches the part. */
function accessAt(events: RunEvents, i: number, part: RangePart, moment: number): PastAccess | undefined {
  const { bytes, places, lengths, starts, hasBytes, isWhole } = events;
  const [start, length] = [starts[i], lengths[i]];
  if (i === 0 && isWhole) {
    const whole = length === 0 ? new Uint8Array(frameBytes) : bytes.slice(start + length - frameBytes, start + length);
    return { moment, paddr: part.frame, byteCount: frameBytes, bytes: whole };
  }
  const place = places[i];
  if (place >= part.end || place + length <= part.start) return undefined;
  return { moment, paddr: part.frame + place, byteCount: length, bytes: bytes.slice(start, hasBytes ? start + length : start) };
}
