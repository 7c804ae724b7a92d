// A frame at a moment: its nearest copy, and the writes since, applied.

import { COPY, RECORD, WHOLE } from "../format/run.ts";
import { applyRun } from "./apply-run.ts";
import { previousSegment } from "./recording.ts";
import type { Recording } from "./recording.ts";
import { wordOf } from "./segment.ts";
import type { RunRecord, Segment } from "./segment.ts";

/** Fills `target`, a frame's bytes, with what the frame held at that moment. */
export async function readPastFrame(recording: Recording, pfn: number, moment: number, target: Uint8Array): Promise<void> {
  const runs = await runsBack(recording, pfn, moment);
  target.fill(0);
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
  const key = wordOf(record, RECORD.key);
  const before = await segment.record(record.index - 1);
  if (before !== undefined && wordOf(before, RECORD.key) === key) return { segment, record: before };
  const previous = previousSegment(record);
  return previous === undefined ? undefined : lastOf(recording.segments[previous], key);
}

async function lastOf(segment: Segment, key: number): Promise<PlacedRun | undefined> {
  const record = await segment.lastRecord(key, segment.header.events);
  return record === undefined ? undefined : { segment, record };
}
