// The events of a stretch of the past, in time order again: a batch like the one that was recorded.

import { EventBatch, catalogue } from "@pagelapse/events";
import { frameBytes } from "@pagelapse/mmu";
import { modes } from "../format/address-mode.ts";
import type { CodeTable } from "../format/code-table.ts";
import { frameOfKey, keyClass, roleOf, roles } from "../format/event-key.ts";
import { RECORD } from "../format/run.ts";
import { stretchEvents } from "../format/segment-header.ts";
import { decodePlain, restOf } from "./plain-event.ts";
import type { Recording } from "./recording.ts";
import { decodeRun } from "./run-events.ts";
import type { RunEvents } from "./run-events.ts";
import { wordOf } from "./segment.ts";
import type { RunRecord, Segment } from "./segment.ts";
import { SegmentScan } from "./segment-scan.ts";

/** The columns of positions [from, to) of a segment that are kept in time order. */
interface TimeColumns {
  readonly codes: Uint32Array;
  readonly sites: Uint32Array;
  readonly siteOf: Float64Array;
  readonly origins: Float64Array;
  readonly vaddrs: Float64Array;
  readonly table: CodeTable;
}

/** The events of positions [from, to) of a segment, as a batch of one's own. */
export async function segmentEvents(recording: Recording, segment: Segment, from: number, to: number): Promise<EventBatch> {
  const columns = await readColumns(segment, from, to);
  const runs = await runsOf(recording, segment, keysOf(columns), from, to);
  const batch = new EventBatch(to - from, slotsOf(runs));
  batch.firstMoment = segment.header.firstEvent + from;
  batch.count = to - from;
  placeColumns(batch, columns);
  for (const { key, events } of runs) {
    if (keyClass(recording.frameCount, key) === "kind") placePlain(batch, events, key - recording.frameCount, from);
    else placeAccesses(batch, events, frameOfKey(recording.frameCount, key), columns, from);
  }
  return batch;
}

function placeColumns({ count, kind, task, processor, site, origin }: EventBatch, columns: TimeColumns): void {
  const { codes, sites, siteOf, table } = columns;
  for (let row = 0; row < count; row++) {
    const code = codes[row];
    kind[row] = table.kind[code];
    task[row] = table.task[code];
    processor[row] = table.processor[code];
    site[row] = siteOf[sites[row]];
  }
  origin.set(columns.origins);
}

/** The keys of these events, in order. */
function keysOf({ codes, table }: TimeColumns): ReadonlySet<number> {
  const isMet = new Uint8Array(table.count);
  for (let row = 0; row < codes.length; row++) isMet[codes[row]] = 1;
  return new Set(table.key.filter((_, code) => isMet[code] === 1).toSorted());
}

async function readColumns(segment: Segment, from: number, to: number): Promise<TimeColumns> {
  const count = to - from;
  const [table, siteOf] = await Promise.all([segment.codes(), segment.sites()]);
  const columns = {
    table,
    siteOf,
    codes: new Uint32Array(count),
    sites: new Uint32Array(count),
    origins: new Float64Array(count),
    vaddrs: new Float64Array(count),
  };
  for (let stretch = Math.floor(from / stretchEvents); stretch * stretchEvents < to; stretch++) {
    const start = stretch * stretchEvents;
    const [first, end] = [Math.max(from, start) - start, Math.min(to, start + stretchEvents) - start];
    const at = start + first - from;
    columns.codes.set((await segment.codesIn(stretch)).subarray(first, end), at);
    columns.sites.set((await segment.sitesIn(stretch)).subarray(first, end), at);
    columns.origins.set((await segment.originsIn(stretch)).subarray(first, end), at);
    columns.vaddrs.set((await segment.vaddrsIn(stretch)).subarray(first, end), at);
  }
  return columns;
}

interface KeyedRun {
  readonly key: number;
  /** Only those in the range that was asked for. */
  readonly events: RunEvents;
}

/** The runs of these keys that have events of positions [from, to), in the order in which they lie in the file. */
async function runsOf(
  recording: Recording,
  segment: Segment,
  keys: ReadonlySet<number>,
  from: number,
  to: number,
): Promise<readonly KeyedRun[]> {
  const runs: KeyedRun[] = [];
  for (const key of keys) {
    let record = (await segment.lastRecord(key, from + 1)) ?? (await segment.firstRecord(key, 0));
    while (record !== undefined && wordOf(record, RECORD.key) === key && wordOf(record, RECORD.position) < to) {
      runs.push(keyedRun(recording, segment, record, await segment.run(record), from, to));
      record = await segment.record(record.index + 1);
    }
  }
  return runs;
}

function keyedRun(
  recording: Recording,
  segment: Segment,
  record: RunRecord,
  bytes: Uint8Array,
  from: number,
  to: number,
): KeyedRun {
  const events = decodeRun(record, bytes, recording.frameCount, segment.header.offset);
  return { key: wordOf(record, RECORD.key), events: eventsIn(events, from, to) };
}

/** Those of positions [from, to). */
function eventsIn(events: RunEvents, from: number, to: number): RunEvents {
  const { positions, places, lengths, starts } = events;
  if (positions[0] >= from && positions[events.count - 1] < to) return events;
  let first = 0;
  while (first < events.count && positions[first] < from) first++;
  let end = events.count;
  while (end > first && positions[end - 1] >= to) end--;
  return {
    ...events,
    count: end - first,
    positions: positions.subarray(first, end),
    places: places.subarray(first, end),
    lengths: lengths.subarray(first, end),
    starts: starts.subarray(first, end),
  };
}

function slotsOf(runs: readonly KeyedRun[]): number {
  let slots = 0;
  for (const { events } of runs) for (let i = 0; i < events.count; i++) slots += (events.lengths[i] + 7) >>> 3;
  return slots;
}

function placePlain(batch: EventBatch, events: RunEvents, kind: number, from: number): void {
  const rest = restOf(kind);
  for (let i = 0; i < events.count; i++) {
    const row = events.positions[i] - from;
    const event = decodePlain(events.bytes, events.starts[i], events.lengths[i], rest);
    batch.task[row] = event.task;
    batch.processor[row] = event.processor;
    batch.vaddr[row] = event.vaddr;
    batch.paddr[row] = event.paddr;
    batch.length[row] = event.length;
    batch.data[row] = batch.slotCount;
    if (event.detail !== undefined) batch.details.set(row, event.detail);
    batch.heap.set(event.bytes, batch.slotCount * 8);
    batch.slotCount += (event.bytes.length + 7) >>> 3;
  }
}

const LOAD = catalogue.load.code;

function placeAccesses(batch: EventBatch, events: RunEvents, frame: number, columns: TimeColumns, from: number): void {
  const { count, bytes, positions, places, lengths, starts } = events;
  const { heap, paddr, data, length, vaddr } = batch;
  const { mode, page } = columns.table;
  let { slotCount } = batch;
  for (let i = 0; i < count; i++) {
    const row = positions[i] - from;
    const kind = batch.kind[row];
    const code = columns.codes[row];
    paddr[row] = frame + places[i];
    data[row] = slotCount;
    length[row] = lengths[i];
    if (mode[code] === modes.samePlace) vaddr[row] = page[code] * frameBytes + places[i];
    else if (mode[code] === modes.written) vaddr[row] = columns.vaddrs[row];
    if (kind === LOAD) continue;
    const role = roleOf[kind];
    // Of a frame that was copied only the source stood in the batch.
    const held = role === roles.copied ? 4 : lengths[i];
    if (role !== roles.write) length[row] = frameBytes;
    const source = starts[i];
    const target = slotCount * 8;
    if (held > 32) heap.set(bytes.subarray(source, source + held), target);
    else for (let byte = 0; byte < held; byte++) heap[target + byte] = bytes[source + byte];
    slotCount += (held + 7) >>> 3;
  }
  batch.slotCount = slotCount;
}

/** Rows of the first batch of a long range; each after it has four times as many. */
export const firstRows = 1024;
/** More rows than that are not looked up run by run. */
const mostRows = 4096;

/** Whether so many rows, of a range of that size, are better had by going through their segment. */
export function isScanDue({ header }: Segment, rows: number, size: number): boolean {
  return header.events <= 4 * firstRows || (rows > mostRows && size > mostRows);
}

/**
 * The events of [from, to), in batches of any size. The first ones are small, so that who looks at a few pays for a few; then
 * each segment is gone through in one go. Backwards the batches come in that order,
 * not the events in them. Nothing is read ahead of who asks. Batches are the caller's own, or lent until the next is asked for.
 */
export async function* pastBatches(
  recording: Recording,
  from: number,
  to: number,
  direction: "forward" | "back" = "forward",
  batches: "lent" | "own" = "own",
): AsyncGenerator<EventBatch, void, undefined> {
  const scan = new SegmentScan(recording.frameCount);
  const isForward = direction === "forward";
  let rows = firstRows;
  for (let [start, end] = [from, to]; start < end; rows *= 4) {
    const segment = recording.segmentBefore(isForward ? start + 1 : end);
    const { firstEvent, events } = segment.header;
    const left = { from: Math.max(0, start - firstEvent), to: Math.min(events, end - firstEvent) };
    const size = left.to - left.from;
    if (isScanDue(segment, rows, size)) {
      yield* scan.stretches(segment, { ...left, direction }, batches);
      if (isForward) start = firstEvent + left.to;
      else end = firstEvent + left.from;
    } else if (isForward) {
      yield await segmentEvents(recording, segment, left.from, left.from + Math.min(rows, size));
      start += Math.min(rows, size);
    } else {
      yield await segmentEvents(recording, segment, left.to - Math.min(rows, size), left.to);
      end -= Math.min(rows, size);
    }
  }
}
