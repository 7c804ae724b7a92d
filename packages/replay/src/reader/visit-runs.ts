// Many runs of a segment, in the order in which they lie, their blocks read together.

import { BadRecording } from "../format/bad-recording.ts";
import { RAW } from "../format/codec.ts";
import { ALONE, RECORD } from "../format/run.ts";
import { recordWords } from "../format/segment-header.ts";
import type { Segment } from "./segment.ts";
import type { BlockEntry, Head } from "./segment-parts.ts";

/** A run as a visitor sees it: lent until it returns. */
export interface VisitedRun {
  /** The segment's records, and where the run's begins. */
  readonly records: Uint32Array;
  record: number;
  /** Bytes of the run and of others; `view` is of the same. */
  bytes: Uint8Array;
  view: DataView;
  /** Where the run's begin. */
  start: number;
}

/** Blocks are read together up to so many bytes. */
const readBytes = 2 ** 20;

/** So many runs of a segment that has far more are read one by one. */
const fewRuns = 64;

/** Visits the runs of the records that are meant, in order. Where they are few, each is read alone. */
export async function visitRuns(
  segment: Segment,
  isMeant: (records: Uint32Array, record: number) => boolean,
  visit: (run: VisitedRun) => void,
): Promise<void> {
  const records = await segment.parts.allRecords();
  const meant = new Uint32Array(records.length / recordWords);
  let count = 0;
  for (let record = 0; record < records.length; record += recordWords) if (isMeant(records, record)) meant[count++] = record;
  const nothing = new Uint8Array(0);
  const run: VisitedRun = { records, record: 0, bytes: nothing, view: viewOf(nothing), start: 0 };
  if (count <= fewRuns && count * 4 < segment.header.runs) {
    for (const record of meant.subarray(0, count)) {
      run.record = record;
      run.bytes = await segment.run({ index: record / recordWords, words: records, at: record });
      run.view = viewOf(run.bytes);
      visit(run);
    }
    return;
  }
  await visitBlocks(segment, meant.subarray(0, count), run, visit);
}

async function visitBlocks(
  segment: Segment,
  meant: Uint32Array,
  run: VisitedRun,
  visit: (run: VisitedRun) => void,
): Promise<void> {
  const { header, parts } = segment;
  const head = await parts.head();
  let scratch = new Uint8Array(2 ** 16);
  let next = 0;
  while (next < meant.length) {
    let block = run.records[meant[next] + RECORD.block];
    if (block >= header.codesBlock)
      throw new BadRecording(header.offset, `a block of runs below ${header.codesBlock}`, `${block}`);
    const first = parts.entryOf(head, block);
    const end = blocksTogether(segment, head, run.records, meant.subarray(next));
    const last = parts.entryOf(head, end - 1);
    const stored = await parts.read(parts.dataAt + first.offset, last.offset + last.stored - first.offset);
    for (; block < end; block++) {
      const entry = parts.entryOf(head, block);
      const begin = next;
      while (next < meant.length && run.records[meant[next] + RECORD.block] === block) next++;
      if (next === begin) continue;
      if (scratch.length < entry.raw) scratch = new Uint8Array(entry.raw);
      const from = entry.offset - first.offset;
      run.bytes = unpacked(segment, entry, stored.subarray(from, from + entry.stored), scratch);
      run.view = viewOf(run.bytes);
      visitBlock(meant.subarray(begin, next), run, entry, visit);
    }
  }
}

function visitBlock(meant: Uint32Array, run: VisitedRun, { offset }: BlockEntry, visit: (run: VisitedRun) => void): void {
  const { records } = run;
  for (let i = 0; i < meant.length; i++) {
    const record = meant[i];
    run.record = record;
    run.start = records[record + RECORD.start] - ((records[record + RECORD.count] & ALONE) === 0 ? 0 : offset);
    visit(run);
  }
}

function unpacked({ parts }: Segment, entry: BlockEntry, stored: Uint8Array, scratch: Uint8Array): Uint8Array {
  if (entry.codec === RAW) {
    parts.check(parts.dataAt + entry.offset, stored, entry.crc, "a block of runs");
    return stored;
  }
  const raw = scratch.subarray(0, entry.raw);
  parts.unpack(entry, stored, raw);
  return raw;
}

/** The number of the block before which one read ends that begins with the first of these runs: as far as runs lie side by side. */
function blocksTogether({ parts }: Segment, head: Head, records: Uint32Array, meant: Uint32Array): number {
  const first = records[meant[0] + RECORD.block];
  const { offset } = parts.entryOf(head, first);
  let end = first + 1;
  for (let i = 1; i < meant.length; i++) {
    const block = records[meant[i] + RECORD.block];
    if (block < end) continue;
    if (block > end) break;
    const next = parts.entryOf(head, block);
    if (next.offset + next.stored - offset > readBytes) break;
    end = block + 1;
  }
  return end;
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
