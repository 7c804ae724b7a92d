// The recorder: takes batches of events, and writes a recording that any moment can be read back from.

import type { EventBatch, EventLog } from "@pagelapse/events";
import { emptyState, reduce } from "@pagelapse/kernel";
import type { MachineState, StateFact } from "@pagelapse/kernel";
import { Ram, architectureNamed } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { lz4 } from "../format/codec.ts";
import type { Codec } from "../format/codec.ts";
import { crc32 } from "../format/crc32.ts";
import { isStateFact, keyCountOf } from "../format/event-key.ts";
import { encodeFileHeader, isMachine } from "../format/file-header.ts";
import type { RecordedMachine } from "../format/file-header.ts";
import { encodeFooter } from "../format/footer.ts";
import {
  NONE,
  encodeSegmentHeader,
  headBytesOf,
  pageCountOf,
  pageEntryBytes,
  pageRecords,
  recordWords,
  segmentEnd,
} from "../format/segment-header.ts";
import type { SegmentHeader } from "../format/segment-header.ts";
import { encodePages } from "../format/summary.ts";
import { TlbFold, tlbNotes } from "../format/tlb-fold.ts";
import { directoryParts } from "./directory-parts.ts";
import { RunEncoder } from "./encode-runs.ts";
import { FrameCopies, defaultCopyRule } from "./frame-copies.ts";
import type { CopyRule } from "./frame-copies.ts";
import { OpenSegment } from "./open-segment.ts";
import type { RecordingSink } from "./recording-sink.ts";

/** When a segment ends: after `least` events, or `eachFrame` times as many as keys it has met if that is more, or `most`. */
export interface SegmentRule {
  readonly least: number;
  readonly eachFrame: number;
  readonly most: number;
}

/**
 * 262,144 events, more where writes are scattered, up to 2,097,152: then a frame's past lies in few places, however many there
 * are.
 */
const defaultSegmentRule: SegmentRule = { least: 2 ** 18, eachFrame: 64, most: 2 ** 21 };

/** How a recording is written; what is left out is as said. */
export interface RecorderOptions {
  readonly sink: RecordingSink;
  readonly machine: RecordedMachine;
  /** LZ4. */
  readonly codec?: Codec;
  readonly copies?: CopyRule;
  readonly segments?: SegmentRule;
  /** Segments of no more frames than that are packed through and through; in others short runs of events stand raw. 1,024. */
  readonly fewKeys?: number;
}

/** A segment ends with the batch that brings its events' bytes, and the copies of frames among them, to more than this. */
const byteLimit = 2 ** 26;
/** The directory is written where so many times its size has been written since. */
const directoryShare = 16;
/** And at least in every so manieth segment. */
const directoryEvery = 8;

/**
 * Writes a recording of a machine from its first event on. It knows the machine by its batches only: the same batches give the
 * same bytes. It keeps the machine's memory a second time.
 */
export class Recorder {
  readonly #sink: RecordingSink;
  readonly #rule: SegmentRule;
  readonly #segment: OpenSegment;
  readonly #encoder: RunEncoder;
  readonly #tlbs: TlbFold;
  readonly #headers: SegmentHeader[] = [];
  /** The last segment that met each key, plus one. */
  readonly #last: Uint32Array;
  #keysEver = 0;
  #offset: number;
  #moment = 0;
  #limit: number;
  #sinceDirectory = 0;
  #state: MachineState;
  /** What must be folded to get from the last state written to this one, in bytes. */
  #stateWeight = Infinity;
  #stateBytes = 0;
  #segmentHasFacts = false;
  #tlbsChanged = true;

  /** Throws a `RangeError` for an architecture that mmu does not know, and a machine that no recording can be of. */
  constructor({
    sink,
    machine,
    codec = lz4,
    copies = defaultCopyRule,
    segments = defaultSegmentRule,
    fewKeys = 1024,
  }: RecorderOptions) {
    const architecture = checkMachine(machine);
    const frameCount = machine.ramFrames + machine.swapFrames;
    this.#sink = sink;
    this.#rule = segments;
    this.#limit = segments.least;
    this.#segment = new OpenSegment(frameCount, new FrameCopies(frameCount, copies), codec, (batch, row) =>
      this.#fold(batch, row),
    );
    this.#last = new Uint32Array(keyCountOf(frameCount));
    this.#encoder = new RunEncoder(new Ram(frameCount), this.#last, fewKeys);
    this.#tlbs = new TlbFold(machine, architecture);
    this.#state = emptyState(architecture);
    const header = encodeFileHeader(machine);
    sink.append(header);
    this.#offset = header.length;
    this.#startState();
  }

  /** How many events were recorded. */
  get moment(): number {
    return this.#moment;
  }

  /** Records what a log publishes from now on; the function returned ends that. */
  listen(log: EventLog): () => void {
    return log.listen((batch) => this.add(batch));
  }

  /** Records a batch. Throws a `RangeError` unless it goes on where the last one ended: a recording begins with event 0. */
  add(batch: EventBatch): void {
    if (batch.firstMoment !== this.#moment) {
      throw new RangeError(`a batch that begins with event ${batch.firstMoment}: expected event ${this.#moment}`);
    }
    const segment = this.#segment;
    for (let row = 0; row < batch.count;) {
      const end = Math.min(batch.count, row + this.#limit - segment.count);
      segment.append(batch, row, end);
      this.#moment += end - row;
      row = end;
      if (segment.count >= this.#limit || segment.byteCount > byteLimit) this.#endSegmentIfDue();
    }
  }

  /** Makes what was recorded so far readable: ends the segment early. */
  flush(): void {
    if (this.#segment.count > 0) this.#endSegment();
  }

  /** Ends the recording. Nothing is recorded after that. */
  close(): void {
    this.flush();
    this.#sink.append(encodeFooter(this.#headers, this.#offset));
  }

  /** State facts and notes about TLBs, folded, so that both can be written whole. */
  #fold(batch: EventBatch, row: number): void {
    const kind = batch.kind[row];
    if (isStateFact[kind] === 1) {
      const fact = batch.details.get(row) as StateFact;
      this.#state = reduce(this.#state, batch.task[row], fact);
      this.#stateWeight += JSON.stringify(fact).length + (this.#segmentHasFacts ? 0 : 512);
      this.#segmentHasFacts = true;
    } else if (tlbNotes.includes(kind)) {
      this.#tlbs.add(kind, batch.processor[row], batch.vaddr[row], batch.paddr[row]);
      this.#tlbsChanged = true;
    }
  }

  #endSegmentIfDue(): void {
    const { least, eachFrame, most } = this.#rule;
    const { count, keyCount, byteCount } = this.#segment;
    this.#limit = Math.min(most, Math.max(least, eachFrame * keyCount));
    if (count >= this.#limit || byteCount > byteLimit) this.#endSegment();
  }

  /** What the state and the TLBs are as the segment begins: they are added to its blocks when it ends. */
  #stateAtStart: Uint8Array | undefined;
  #tlbsAtStart: Uint8Array | undefined;

  #startState(): void {
    this.#stateAtStart = undefined;
    this.#tlbsAtStart = undefined;
    this.#segmentHasFacts = false;
    if (this.#stateWeight > this.#stateBytes) {
      this.#stateAtStart = json(this.#state);
      this.#stateBytes = this.#stateAtStart.length;
      this.#stateWeight = 0;
    }
    if (this.#tlbsChanged) this.#tlbsAtStart = json(this.#tlbs.snapshot());
    this.#tlbsChanged = false;
  }

  #endSegment(): void {
    const segment = this.#segment;
    const { blocks } = segment;
    const number = this.#headers.length;
    const before = this.#headers.at(-1);
    segment.endStretches();
    const stretches = blocks.count / 4;
    const records = this.#encoder.encode(segment);
    const codesBlock = blocks.count;
    blocks.add(segment.eventCodes.encode());
    blocks.add(segment.sites.encode());
    blocks.add(encodePages(segment.eventCodes.pages()));
    blocks.add(segment.stretchKinds);
    const stateBlock = this.#addWhole(this.#stateAtStart);
    const tlbBlock = this.#addWhole(this.#tlbsAtStart);
    const partNumbers = this.#addDirectory(blocks.stored.byteCount);
    const pages = new Uint8Array(records.buffer, records.byteOffset, records.byteLength);
    const runs = records.length / recordWords;
    const head = this.#encodeHead(records, pages, partNumbers);
    const header: SegmentHeader = {
      offset: this.#offset,
      number,
      firstEvent: this.#moment - segment.count,
      events: segment.count,
      runs,
      blocks: blocks.count,
      stretches,
      payloadBytes: blocks.stored.byteCount + pages.length + head.length,
      headBytes: head.length,
      headCrc: crc32(head),
      directoryParts: partNumbers.length,
      stateBlock,
      stateSegment: stateBlock === NONE ? (before?.stateSegment ?? NONE) : number,
      tlbBlock,
      tlbSegment: tlbBlock === NONE ? (before?.tlbSegment ?? NONE) : number,
      codesBlock,
      kinds: segment.kinds,
    };
    this.#sink.append(encodeSegmentHeader(header));
    for (const piece of blocks.stored.pieces) this.#sink.append(piece);
    this.#sink.append(pages);
    this.#sink.append(head);
    this.#offset = segmentEnd(header);
    this.#headers.push(header);
    this.#meetKeys(number);
    segment.clear();
    this.#limit = this.#rule.least;
    this.#startState();
  }

  #addWhole(bytes: Uint8Array | undefined): number {
    if (bytes === undefined) return NONE;
    this.#segment.blocks.add(bytes);
    return this.#segment.blocks.count - 1;
  }

  /** Adds the directory, where it is due, to the blocks; returns the numbers of its parts. */
  #addDirectory(segmentBytes: number): readonly number[] {
    this.#sinceDirectory += segmentBytes;
    const number = this.#headers.length;
    const isDue = this.#sinceDirectory > directoryShare * 4 * this.#keysEver || number % directoryEvery === 0;
    if (!isDue) return [];
    this.#sinceDirectory = 0;
    const numbers: number[] = [];
    for (const part of directoryParts(this.#last)) {
      numbers.push(part.number);
      this.#segment.blocks.add(part.bytes);
    }
    return numbers;
  }

  #encodeHead(records: Uint32Array, pages: Uint8Array, partNumbers: readonly number[]): Uint8Array {
    const { blocks } = this.#segment;
    const runs = records.length / recordWords;
    const head = new Uint8Array(headBytesOf(runs, blocks.count, partNumbers.length));
    const view = new DataView(head.buffer);
    const pageCount = pageCountOf(runs);
    const pageBytes = pageRecords * recordWords * 4;
    for (let page = 0; page < pageCount; page++) {
      const first = page * pageRecords * recordWords;
      view.setUint32(page * pageEntryBytes, records[first], true);
      view.setUint32(page * pageEntryBytes + 4, records[first + 1], true);
      const end = Math.min(pages.length, (page + 1) * pageBytes);
      view.setUint32(page * pageEntryBytes + 8, crc32(pages, page * pageBytes, end), true);
    }
    const table = blocks.encodeTable();
    head.set(table, pageCount * pageEntryBytes);
    partNumbers.forEach((part, index) => view.setUint32(pageCount * pageEntryBytes + table.length + index * 4, part, true));
    return head;
  }

  #meetKeys(number: number): void {
    const { keysMet, keyCount } = this.#segment;
    for (let i = 0; i < keyCount; i++) {
      if (this.#last[keysMet[i]] === 0) this.#keysEver++;
      this.#last[keysMet[i]] = number + 1;
    }
  }
}

/** The architecture of a machine. Throws a `RangeError` for one that no recording can be of. */
export function checkMachine(machine: RecordedMachine): Architecture {
  const architecture = architectureNamed(machine.architecture);
  if (architecture === undefined) throw new RangeError(`no architecture ${machine.architecture}`);
  if (!isMachine(machine)) throw new RangeError(`no machine: ${JSON.stringify(machine)}`);
  return architecture;
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
