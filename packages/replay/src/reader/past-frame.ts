// A frame at a moment: its nearest copy, and the writes since, applied.

import { ALONE, COPY, FIRST, RECORD, WHOLE, linkAt } from "../format/run.ts";
import { recordWords } from "../format/segment-header.ts";
import { applyRun } from "./apply-run.ts";
import { previousSegment } from "./recording.ts";
import type { Recording } from "./recording.ts";
import { wordOf } from "./segment.ts";
import type { RunRecord, Segment } from "./segment.ts";

/** Fills `target`, a frame's bytes, with what the frame held at that moment. */
export async function readPastFrame(recording: Recording, pfn: number, moment: number, target: Uint8Array): Promise<void> {
  const runs = await runsBack(recording, pfn, moment);
  const [oldest] = runs.slice(-1);
  const copy =
    oldest === undefined ? undefined : await oldest.segment.copy(oldest.record, await oldest.segment.run(oldest.record));
  if (copy === undefined) target.fill(0);
  else target.set(copy);
  for (const { segment, record } of runs.toReversed()) {
    applyRun(record, await segment.run(record), moment - segment.header.firstEvent, target);
  }
}

interface PlacedRun {
  readonly segment: Segment;
  readonly record: RunRecord;
}

/** The runs that make the frame, the newest first: back to a copy, or to a write of all of it. */
async function runsBack(recording: Recording, pfn: number, moment: number): Promise<readonly PlacedRun[]> {
  const runs: PlacedRun[] = [];
  let segments = 0;
  const start = await lastRun(recording, pfn, moment);
  for (let run = start; run !== undefined; run = await runBefore(recording, run)) {
    if (runs.at(-1)?.segment !== run.segment) segments++;
    runs.push(run);
    if ((wordOf(run.record, RECORD.count) & (COPY | WHOLE)) !== 0) break;
  }
  recording.cost.segments += segments;
  recording.cost.mostSegments = Math.max(recording.cost.mostSegments, segments);
  return runs;
}

/** The run of a key that has its last event before a moment. */
export async function lastRun(recording: Recording, key: number, moment: number): Promise<PlacedRun | undefined> {
  if (moment === 0) return undefined;
  const here = recording.segmentBefore(moment);
  const record = await here.lastRecord(key, moment - here.header.firstEvent);
  if (record !== undefined) return { segment: here, record };
  const first = await here.firstRecord(key, 0);
  const previous = first === undefined ? undefined : previousSegment(first);
  if (first !== undefined && previous === undefined) return undefined;
  const segment = previous === undefined ? await recording.lastWith(key, here.header.number) : recording.segments[previous];
  return segment === undefined ? undefined : lastOf(segment, key);
}

/** The run of the same key before a run. */
export async function runBefore(recording: Recording, { segment, record }: PlacedRun): Promise<PlacedRun | undefined> {
  const flags = wordOf(record, RECORD.count);
  if ((flags & FIRST) === 0) {
    const before = await segment.record(record.index - 1);
    return before === undefined ? undefined : { segment, record: before };
  }
  const previous = previousSegment(record);
  if (previous === undefined) return undefined;
  const key = wordOf(record, RECORD.key);
  if ((flags & ALONE) === 0) return lastOf(recording.segments[previous], key);
  return { segment: recording.segments[previous], record: linkIn(await segment.run(record), flags, key) };
}

/** The record that stands in a run that stands alone. */
function linkIn(bytes: Uint8Array, flags: number, key: number): RunRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset + linkAt(flags), recordWords * 4);
  const words = Uint32Array.from({ length: recordWords }, (_, word) => view.getUint32(word * 4, true));
  const [index] = words;
  words[RECORD.key] = key;
  return { index, words, at: 0 };
}

async function lastOf(segment: Segment, key: number): Promise<PlacedRun | undefined> {
  const record = await segment.lastRecord(key, segment.header.events);
  return record === undefined ? undefined : { segment, record };
}
