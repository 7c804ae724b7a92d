// The segment that is being written: its events in columns, in the order in which they happened.

import type { EventBatch } from "@pagelapse/events";
import { frameBytes } from "@pagelapse/mmu";
import { modes } from "../format/address-mode.ts";
import { kindKey, loadKey, keyCountOf, roleOf, roles } from "../format/event-key.ts";
import { DifferenceWriter, encodeNumbers } from "../format/stretch.ts";
import { plainPrefixBytes } from "../format/run.ts";
import { kindBytes } from "../format/summary.ts";
import { stretchEvents } from "../format/segment-header.ts";
import type { Codec } from "../format/codec.ts";
import { BlockList } from "./block-list.ts";
import { EventCodes, grown } from "./event-codes.ts";
import type { FrameCopies } from "./frame-copies.ts";
import { SiteCodes } from "./site-codes.ts";

/** Set in `lengths`: a copy of the frame is to stand before the event's bytes. */
export const COPIED = 0x8000_0000;
/** Set in `lengths`: the event overwrites the whole frame. */
export const OVERWRITTEN = 0x4000_0000;
/** What is left of `lengths`: bytes of the event. */
export const LENGTH = 0x3fff_ffff;

/** Words of what a frame held that was copied to another, and of the address before it. */
const copiedWords = 1 + frameBytes / 4;

/** Events appended batch by batch. Columns of stretches that are full are already in `blocks`. */
export class OpenSegment {
  count = 0;
  /** Code of each event; its place in its frame; its flags and length; the word of the heap where its bytes begin. */
  codes: Uint32Array = new Uint32Array(1 << 12);
  places: Uint16Array = new Uint16Array(1 << 12);
  lengths: Uint32Array = new Uint32Array(1 << 12);
  data: Uint32Array = new Uint32Array(1 << 12);
  /** Bytes of events, and the same memory as words. */
  heap: Uint8Array = new Uint8Array(1 << 16);
  heapWords: Uint32Array = new Uint32Array(this.heap.buffer);
  #heapEnd = 0;
  #copiesDue = 0;
  /** Positions of the frames that were copied to others: the heap has room for what they held then, and no more. */
  copiedAt: number[] = [];
  /** Events of each key in this segment, and the keys that have any. */
  readonly keyEvents: Uint32Array;
  keysMet: Uint32Array = new Uint32Array(1024);
  keyCount = 0;
  readonly eventCodes: EventCodes;
  readonly sites: SiteCodes = new SiteCodes();
  readonly blocks: BlockList;
  #stretchKinds: number[] = [];
  readonly #frameCount: number;
  readonly #copies: FrameCopies;
  readonly #stretchSites = new Uint32Array(stretchEvents);
  readonly #origins = new DifferenceWriter();
  readonly #vaddrs = new DifferenceWriter();
  readonly #encoder = new TextEncoder();
  readonly #passOn: (batch: EventBatch, row: number) => void;

  /** `passOn` is called with each event that is no write and no load. */
  constructor(frameCount: number, copies: FrameCopies, codec: Codec, passOn: (batch: EventBatch, row: number) => void) {
    const keys = keyCountOf(frameCount);
    this.#passOn = passOn;
    this.#frameCount = frameCount;
    this.#copies = copies;
    this.keyEvents = new Uint32Array(keys);
    this.eventCodes = new EventCodes(keys);
    this.blocks = new BlockList(codec);
  }

  /** Bytes of events so far, and of the copies of frames that will stand among them. */
  get byteCount(): number {
    return this.#heapEnd * 4 + this.#copiesDue * frameBytes;
  }

  /** A bit for each kind that happens, by its code; of stretches that have ended. */
  get kinds(): Uint8Array {
    const bits = new Uint8Array(kindBytes);
    this.#stretchKinds.forEach((byte, at) => (bits[at % kindBytes] |= byte));
    return bits;
  }

  /** The same of each stretch, one after the other. */
  get stretchKinds(): Uint8Array {
    return Uint8Array.from(this.#stretchKinds);
  }

  /** The events of rows [from, to). */
  append(batch: EventBatch, from: number, to: number): void {
    this.#reserveRows(to - from);
    for (let row = from; row < to;) {
      const inStretch = this.count & (stretchEvents - 1);
      const end = Math.min(to, row + stretchEvents - inStretch);
      this.sites.codesOf(batch.site, row, end, this.#stretchSites, inStretch);
      this.#origins.addAll(batch.origin, row, end);
      this.#appendEvents(batch, row, end);
      if (inStretch + end - row === stretchEvents) this.#endStretch();
      row = end;
    }
  }

  /** Ends the last stretch. */
  endStretches(): void {
    if ((this.count & (stretchEvents - 1)) !== 0) this.#endStretch();
  }

  /** Begins the next segment. */
  clear(): void {
    for (let i = 0; i < this.keyCount; i++) this.keyEvents[this.keysMet[i]] = 0;
    this.keyCount = 0;
    this.count = 0;
    this.#heapEnd = 0;
    this.#copiesDue = 0;
    this.copiedAt = [];
    this.eventCodes.clear();
    this.sites.clear();
    this.#stretchKinds = [];
    this.blocks.clear();
  }

  #appendEvents(batch: EventBatch, from: number, to: number): void {
    for (let row = from; row < to;) {
      row = this.#appendWrites(batch, row, to);
      if (row < to) this.#appendOther(batch, row++);
    }
  }

  /** Writes, up to the first event that is none; returns its row. */
  #appendWrites(batch: EventBatch, from: number, to: number): number {
    const { kind, vaddr, paddr, length, data, task, processor } = batch;
    this.#reserve(batch.slotCount * 2);
    const heap = this.heapWords;
    const source = batch.heapWords;
    const { codes, places, lengths, data: starts } = this;
    let at = this.count;
    let end = this.#heapEnd;
    let row = from;
    for (; row < to && roleOf[kind[row]] === roles.write; row++, at++) {
      const byteCount = length[row];
      const place = paddr[row] & 4095;
      const pfn = paddr[row] >>> 12;
      const isFirst = this.#meet(pfn);
      let flags = 0;
      if (byteCount === frameBytes) {
        flags = OVERWRITTEN;
        this.#copies.overwrite(pfn);
      } else if (this.#copies.isDue(pfn, byteCount, isFirst)) {
        flags = COPIED;
        this.#copiesDue++;
      }
      const inPage = vaddr[row] & 4095;
      codes[at] =
        vaddr[row] > 0 && inPage === place
          ? this.eventCodes.codeOf(pfn, kind[row], modes.samePlace, task[row], processor[row], (vaddr[row] - inPage) / 4096)
          : this.#codeOfElsewhere(batch, row, pfn);
      places[at] = place;
      lengths[at] = flags + byteCount;
      starts[at] = end;
      let word = data[row] * 2;
      for (const stop = end + ((byteCount + 3) >>> 2); end < stop; end++) heap[end] = source[word++];
    }
    this.count = at;
    this.#heapEnd = end;
    return row;
  }

  #appendOther(batch: EventBatch, row: number): void {
    const kind = batch.kind[row];
    const role = roleOf[kind];
    if (role === roles.load) this.#appendLoad(batch, row);
    else if (role === roles.zeroed) this.#appendZeroed(batch, row);
    else if (role === roles.copied) this.#appendCopied(batch, row);
    else this.#appendPlain(batch, row, kind, role);
    this.count++;
  }

  #appendZeroed(batch: EventBatch, row: number): void {
    const pfn = batch.paddr[row] >>> 12;
    this.#meet(pfn);
    this.#copies.overwrite(pfn);
    this.#put(this.#codeOf(batch, row, pfn), 0, OVERWRITTEN);
  }

  #appendCopied(batch: EventBatch, row: number): void {
    const pfn = batch.paddr[row] >>> 12;
    this.#meet(pfn);
    this.#reserve(copiedWords);
    this.#copies.overwrite(pfn);
    this.heapWords[this.#heapEnd] = batch.heapWords[batch.data[row] * 2];
    this.copiedAt.push(this.count);
    this.#put(this.#codeOf(batch, row, pfn), 0, OVERWRITTEN + copiedWords * 4);
    this.#heapEnd += copiedWords;
  }

  #appendLoad(batch: EventBatch, row: number): void {
    const paddr = batch.paddr[row];
    const key = loadKey(this.#frameCount, paddr >>> 12);
    this.#meet(key);
    this.#put(this.#codeOf(batch, row, key), paddr & 4095, batch.length[row]);
  }

  #appendPlain(batch: EventBatch, row: number, kind: number, role: number): void {
    const key = kindKey(this.#frameCount, kind);
    this.#meet(key);
    const [paddr, length] = [batch.paddr[row], batch.length[row]];
    const text = role === roles.plain ? undefined : this.#encoder.encode(JSON.stringify(batch.details.get(row)));
    const bytes = role === roles.filed ? batch.bytes(row) : undefined;
    const held = bytes === undefined ? 0 : 4 + bytes.length;
    const byteCount = plainPrefixBytes + (text?.length ?? (paddr === 0 && length === 0 ? 0 : 8)) + held;
    this.#reserve((byteCount + 3) >>> 2);
    const start = this.#heapEnd * 4;
    const view = new DataView(this.heap.buffer, start, byteCount);
    view.setBigInt64(0, BigInt(batch.vaddr[row]), true);
    view.setUint16(8, batch.task[row], true);
    view.setUint8(10, batch.processor[row]);
    if (text !== undefined && bytes !== undefined) {
      view.setUint32(plainPrefixBytes, text.length, true);
      this.heap.set(text, start + plainPrefixBytes + 4);
      this.heap.set(bytes, start + plainPrefixBytes + 4 + text.length);
    } else if (text !== undefined) {
      this.heap.set(text, start + plainPrefixBytes);
    } else if (byteCount > plainPrefixBytes) {
      view.setUint32(plainPrefixBytes, paddr, true);
      view.setUint32(plainPrefixBytes + 4, length, true);
    }
    this.#put(this.eventCodes.codeOf(key, kind, modes.none, 0, 0, 0), 0, byteCount);
    this.#heapEnd += (byteCount + 3) >>> 2;
    this.#passOn(batch, row);
  }

  /** The code of an event at a physical address. */
  #codeOf(batch: EventBatch, row: number, key: number): number {
    const vaddr = batch.vaddr[row];
    const inPage = vaddr & 4095;
    if (vaddr === 0 || inPage !== (batch.paddr[row] & 4095)) return this.#codeOfElsewhere(batch, row, key);
    const { kind, task, processor } = batch;
    return this.eventCodes.codeOf(key, kind[row], modes.samePlace, task[row], processor[row], (vaddr - inPage) / 4096);
  }

  /** The same where the code does not tell the virtual address: one that there is goes into its column. */
  #codeOfElsewhere({ kind, vaddr, task, processor }: EventBatch, row: number, key: number): number {
    const mode = vaddr[row] === 0 ? modes.none : modes.written;
    if (mode === modes.written) this.#vaddrs.add(vaddr[row]);
    return this.eventCodes.codeOf(key, kind[row], mode, task[row], processor[row], 0);
  }

  /** All of the next event but its bytes, which begin at the heap's end. */
  #put(code: number, place: number, length: number): void {
    const at = this.count;
    this.codes[at] = code;
    this.places[at] = place;
    this.lengths[at] = length;
    this.data[at] = this.#heapEnd;
  }

  /** Counts an event of a key; says whether it is the segment's first. */
  #meet(key: number): boolean {
    if (this.keyEvents[key]++ > 0) return false;
    if (this.keyCount === this.keysMet.length) this.keysMet = grown(this.keysMet, new Uint32Array(this.keyCount * 2));
    this.keysMet[this.keyCount++] = key;
    return true;
  }

  #reserve(words: number): void {
    if (this.#heapEnd + words <= this.heapWords.length) return;
    this.heap = grown(this.heap, new Uint8Array(Math.max(this.heap.length * 2, (this.#heapEnd + words) * 4)));
    this.heapWords = new Uint32Array(this.heap.buffer);
  }

  #reserveRows(rows: number): void {
    if (this.count + rows <= this.codes.length) return;
    const length = Math.max(this.count + rows, this.codes.length * 2);
    this.codes = grown(this.codes, new Uint32Array(length));
    this.places = grown(this.places, new Uint16Array(length));
    this.lengths = grown(this.lengths, new Uint32Array(length));
    this.data = grown(this.data, new Uint32Array(length));
  }

  #endStretch(): void {
    const end = this.count;
    const start = Math.floor((end - 1) / stretchEvents) * stretchEvents;
    this.blocks.add(encodeNumbers(this.codes.subarray(start, end), end - start));
    this.blocks.add(encodeNumbers(this.#stretchSites, end - start));
    this.blocks.add(this.#origins.take());
    this.blocks.add(this.#vaddrs.take());
    this.#noteKinds(start, end);
  }

  /** Notes the kinds of a stretch. */
  #noteKinds(start: number, end: number): void {
    const { codes, eventCodes } = this;
    const isMet = new Uint8Array(256);
    for (let at = start; at < end; at++) isMet[eventCodes.kindOf(codes[at])] = 1;
    const bits = new Uint8Array(kindBytes);
    for (let kind = 0; kind < 8 * kindBytes; kind++) bits[kind >>> 3] |= isMet[kind] << (kind & 7);
    this.#stretchKinds.push(...bits);
  }
}
