// A recording opened: its machine, its segments, and what was wrong with its end.

import { BadRecording } from "../format/bad-recording.ts";
import { lz4 } from "../format/codec.ts";
import type { Codec } from "../format/codec.ts";
import { crc32 } from "../format/crc32.ts";
import { decodeDescription, descriptionBytes, fileHeaderBytes, firstSegmentAt } from "../format/file-header.ts";
import type { RecordedMachine } from "../format/file-header.ts";
import { decodeFooter, decodeTrailer, trailerBytes } from "../format/footer.ts";
import {
  NONE,
  decodeSegmentHeader,
  recordWords,
  segmentEnd,
  segmentHeaderBytes,
  stretchColumns,
  stretchEvents,
  tableBlocks,
} from "../format/segment-header.ts";
import type { SegmentHeader } from "../format/segment-header.ts";
import { BlockCache } from "./block-cache.ts";
import type { ByteSource } from "./byte-source.ts";
import { noCost } from "./cost.ts";
import type { Cost } from "./cost.ts";
import { RECORD } from "../format/run.ts";
import { Segment, wordOf } from "./segment.ts";

/** How a recording is opened. */
export interface OpenOptions {
  /** Codecs beside LZ4. */
  readonly codecs?: readonly Codec[];
  /** How many bytes of what was read are kept: 128 MiB. */
  readonly cacheBytes?: number;
}

/** Segments in order of time, and what can be asked of all of them together. */
export class Recording {
  readonly machine: RecordedMachine;
  readonly frameCount: number;
  readonly segments: readonly Segment[];
  /** How many events there are: the last moment. */
  readonly moments: number;
  /** Why nothing after the last segment could be read; `undefined` for a recording that was closed. */
  readonly cut: BadRecording | undefined;
  readonly cost: Cost;
  readonly cache: BlockCache;

  private constructor(machine: RecordedMachine, found: FoundSegments, source: ByteSource, options: OpenOptions, cost: Cost) {
    this.machine = machine;
    this.frameCount = machine.ramFrames + machine.swapFrames;
    this.cost = cost;
    this.cache = new BlockCache(options.cacheBytes ?? 2 ** 27);
    const checksum = source.crc32 ?? ((bytes: Uint8Array): number => crc32(bytes));
    const shared = { source, checksum, cache: this.cache, codecs: [lz4, ...(options.codecs ?? [])], cost };
    this.segments = found.headers.map((header) => new Segment(header, shared));
    this.cut = found.cut;
    const last = found.headers.at(-1);
    this.moments = last === undefined ? 0 : last.firstEvent + last.events;
  }

  /** Opens a recording: three reads where it was closed, else one a segment. Throws `BadRecording` for what is none. */
  static async open(source: ByteSource, options: OpenOptions = {}): Promise<Recording> {
    const cost = noCost();
    const counted: ByteSource = {
      size: source.size,
      read(offset, length) {
        cost.reads++;
        cost.bytesRead += length;
        return source.read(offset, length);
      },
    };
    const header = await counted.read(0, fileHeaderBytes);
    const length = descriptionBytes(header);
    const description = await counted.read(fileHeaderBytes, length);
    const machine = decodeDescription(header, description);
    const found = await findSegments(counted, firstSegmentAt(length));
    const recording = new Recording(machine, found, source, options, cost);
    return found.cut === undefined ? recording : recording.#checkHeads(source, options);
  }

  /** The segment that has the event before a moment, which is not 0. */
  segmentBefore(moment: number): Segment {
    let [low, high] = [0, this.segments.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.segments[middle].header.firstEvent < moment) low = middle + 1;
      else high = middle;
    }
    return this.segments[low - 1];
  }

  /** The last segment before that number that has events of the key; `undefined` where none has. */
  async lastWith(key: number, before: number): Promise<Segment | undefined> {
    for (let number = before; number > 0; number--) {
      const segment = this.segments[number];
      // What a segment says of those before it: in its directory, or in the key's own records.
      if (number < this.segments.length) {
        this.cost.segments++;
        const known = await segment.directory(key);
        if (known !== undefined) return known === "never" ? undefined : this.segments[known];
      }
      const previous = this.segments[number - 1];
      this.cost.segments++;
      if ((await previous.firstRecord(key, 0)) !== undefined) return previous;
    }
    return undefined;
  }

  /** The first segment from that number on that has events of the key; `undefined` where none has. */
  async firstWith(key: number, from: number): Promise<Segment | undefined> {
    let [low, high] = [from, this.segments.length];
    // The answer lies in [low, high]: `high` knows of one that does, or is the end.
    while (low < high) {
      const middle = this.#directoryIn(low + 1, high);
      if (middle === undefined) break;
      this.cost.segments++;
      const known = await this.segments[middle].directory(key);
      if (known === undefined || known === "never" || known < from) low = middle;
      else high = middle;
    }
    for (let number = low; number < Math.min(high + 1, this.segments.length); number++) {
      this.cost.segments++;
      if ((await this.segments[number].firstRecord(key, 0)) !== undefined) return this.segments[number];
    }
    return undefined;
  }

  /** A segment of [from, to) that has a directory, near the middle; `undefined` where none has. */
  #directoryIn(from: number, to: number): number | undefined {
    const middle = Math.floor((from + to) / 2);
    for (let away = 0; middle - away >= from || middle + away < to; away++) {
      for (const number of [middle - away, middle + away]) {
        if (number >= from && number < to && this.segments[number].header.directoryParts > 0) return number;
      }
    }
    return undefined;
  }

  /** Of a recording without an end: the segments up to the first whose head is damaged. */
  async #checkHeads(source: ByteSource, options: OpenOptions): Promise<Recording> {
    for (const [index, segment] of this.segments.entries()) {
      try {
        await segment.check();
      } catch (reason) {
        if (!(reason instanceof BadRecording)) throw reason;
        const headers = this.segments.slice(0, index).map(({ header }) => header);
        return new Recording(this.machine, { headers, cut: reason }, source, options, this.cost);
      }
    }
    return this;
  }
}

/** The number of the segment before this one that has events of a record's key; `undefined` where none has. */
export function previousSegment(record: Parameters<typeof wordOf>[0]): number | undefined {
  const previous = wordOf(record, RECORD.previous);
  return previous === NONE ? undefined : previous;
}

interface FoundSegments {
  readonly headers: readonly SegmentHeader[];
  readonly cut: BadRecording | undefined;
}

async function findSegments(source: ByteSource, first: number): Promise<FoundSegments> {
  try {
    const { offset, byteCount, crc } = decodeTrailer(
      await source.read(Math.max(0, source.size - trailerBytes), Math.min(trailerBytes, source.size)),
      source.size,
    );
    const headers = decodeFooter(await source.read(offset, byteCount), offset, crc);
    let before: SegmentHeader | undefined;
    for (const header of headers) {
      checkPlace(header, before, first, source.size);
      before = header;
    }
    return { headers, cut: undefined };
  } catch (reason) {
    if (!(reason instanceof BadRecording)) throw reason;
    return walkSegments(source, first);
  }
}

/** Walks from segment to segment, up to the first that is not whole. */
async function walkSegments(source: ByteSource, first: number): Promise<FoundSegments> {
  const headers: SegmentHeader[] = [];
  let before: SegmentHeader | undefined;
  for (;;) {
    const offset = before === undefined ? first : segmentEnd(before);
    try {
      const header = decodeSegmentHeader(await source.read(offset, segmentHeaderBytes), offset);
      checkPlace(header, before, first, source.size);
      headers.push(header);
      before = header;
    } catch (reason) {
      if (!(reason instanceof BadRecording)) throw reason;
      return { headers, cut: reason };
    }
  }
}

/** Throws unless a segment follows on the one before it, and is whole. */
function checkPlace(header: SegmentHeader, before: SegmentHeader | undefined, first: number, size: number): void {
  const { offset, number, firstEvent, events, stretches, runs, blocks, codesBlock, headBytes, payloadBytes } = header;
  const expected = {
    offset: before === undefined ? first : segmentEnd(before),
    number: before === undefined ? 0 : before.number + 1,
    firstEvent: before === undefined ? 0 : before.firstEvent + before.events,
    stretches: Math.ceil(events / stretchEvents),
  };
  const isNext = offset === expected.offset && number === expected.number && firstEvent === expected.firstEvent;
  if (!isNext) {
    const found = `segment ${number} at byte ${offset} from event ${firstEvent}`;
    const wanted = `segment ${expected.number} at byte ${expected.offset} from event ${expected.firstEvent}`;
    throw new BadRecording(offset, wanted, found);
  }
  const hasBlocks = blocks >= stretches * stretchColumns + tableBlocks && codesBlock + tableBlocks <= blocks;
  if (stretches !== expected.stretches || !hasBlocks || payloadBytes < headBytes + runs * recordWords * 4) {
    throw new BadRecording(offset, "a segment's header whose numbers agree", "another");
  }
  if (segmentEnd(header) > size) {
    throw new BadRecording(offset, `${segmentEnd(header) - offset} bytes of a segment`, `${size - offset} bytes`);
  }
}
