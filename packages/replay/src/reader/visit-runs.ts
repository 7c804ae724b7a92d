// Many runs of a segment, in the order in which they lie, their blocks read together.

import { BadRecording } from "../format/bad-recording.ts";
import { RAW } from "../format/codec.ts";
import { ALONE, RECORD } from "../format/run.ts";
import { recordWords, stretchColumns } from "../format/segment-header.ts";
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
  if (count * 8 < segment.header.runs) {
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
  for (let block = header.stretches * stretchColumns; block < header.codesBlock;) {
    const first = parts.entryOf(head, block);
    // Copies of frames are not read with runs.
    if (first.raw === 0) {
      block++;
      continue;
    }
    const end = blocksTogether(segment, head, block);
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
  if (next < meant.length) throw new BadRecording(header.offset, `${meant.length} runs in blocks`, `${next}`);
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

/** The number of the block before which a read of blocks from this one on ends. */
function blocksTogether({ header, parts }: Segment, head: Head, first: number): number {
  const { offset } = parts.entryOf(head, first);
  let end = first + 1;
  for (; end < header.codesBlock; end++) {
    const next = parts.entryOf(head, end);
    if (next.raw === 0 || next.offset + next.stored - offset > readBytes) break;
  }
  return end;
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
