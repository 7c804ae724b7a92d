// The segment that is being written: its events in columns, in the order in which they happened.

import type { EventBatch } from "@pagelapse/events";
import { modes } from "../format/address-mode.ts";
import { kindKey, loadKey, keyCountOf, roleOf, roles } from "../format/event-key.ts";
import { DifferenceWriter, encodeNumbers } from "../format/stretch.ts";
import { plainPrefixBytes } from "../format/run.ts";
import { stretchEvents } from "../format/segment-header.ts";
import type { Codec } from "../format/codec.ts";
import { BlockList, Sniffer } from "./block-list.ts";
import { EventCodes, grown } from "./event-codes.ts";
import type { FrameCopies } from "./frame-copies.ts";
import { SiteCodes } from "./site-codes.ts";

/** Set in `lengths`: a copy of the frame stands before the event's bytes. */
export const COPIED = 0x8000_0000;
/** Set in `lengths`: the event overwrites the whole frame. */
export const OVERWRITTEN = 0x4000_0000;
/** What is left of `lengths`: bytes of the event. */
export const LENGTH = 0x3fff_ffff;

/** Events appended one by one. Columns of stretches that are full are already in `blocks`. */
export class OpenSegment {
  count = 0;
  /** Code of each event; its place in its frame; its flags and length; the word of the heap where its bytes begin. */
  codes: Uint32Array = new Uint32Array(1 << 12);
  places: Uint16Array = new Uint16Array(1 << 12);
  lengths: Uint32Array = new Uint32Array(1 << 12);
  data: Uint32Array = new Uint32Array(1 << 12);
  /** Bytes of events, and the same memory as words. */
  heap: Uint8Array = new Uint8Array(1 << 16);
  #heapWords: Uint32Array = new Uint32Array(this.heap.buffer);
  #heapEnd = 0;
  /** Events of each key in this segment, and the keys that have any. */
  readonly keyEvents: Uint32Array;
  keysMet: Uint32Array = new Uint32Array(1024);
  keyCount = 0;
  readonly eventCodes: EventCodes;
  readonly sites: SiteCodes = new SiteCodes();
  /** The kinds that happen. */
  readonly kinds: Uint8Array = new Uint8Array(16);
  readonly blocks: BlockList;
  readonly #frameCount: number;
  readonly #copies: FrameCopies;
  readonly #stretchSites = new Uint32Array(stretchEvents);
  readonly #origins = new DifferenceWriter();
  readonly #vaddrs = new DifferenceWriter();
  readonly #sniffers: readonly Sniffer[] = Array.from({ length: 4 }, () => new Sniffer());
  readonly #encoder = new TextEncoder();

  constructor(frameCount: number, copies: FrameCopies, codec: Codec) {
    const keys = keyCountOf(frameCount);
    this.#frameCount = frameCount;
    this.#copies = copies;
    this.keyEvents = new Uint32Array(keys);
    this.eventCodes = new EventCodes(keys);
    this.blocks = new BlockList(codec);
  }

  /** Bytes of events so far. */
  get heapBytes(): number {
    return this.#heapEnd * 4;
  }

  /** The event of that row. */
  append(batch: EventBatch, row: number): void {
    if (this.count === this.codes.length) this.#growColumns();
    const kind = batch.kind[row];
    this.kinds[kind >>> 3] |= 1 << (kind & 7);
    const role = roleOf[kind];
    if (role === roles.write) this.#appendWrite(batch, row, kind);
    else if (role === roles.load) this.#appendLoad(batch, row, kind);
    else if (role === roles.zeroed) this.#appendZeroed(batch, row, kind);
    else if (role === roles.copied) this.#appendCopied(batch, row, kind);
    else this.#appendPlain(batch, row, kind, role);
    const inStretch = this.count & (stretchEvents - 1);
    this.#stretchSites[inStretch] = this.sites.codeOf(batch.site[row]);
    this.#origins.add(batch.origin[row]);
    this.count++;
    if (inStretch === stretchEvents - 1) this.#endStretch();
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
    this.eventCodes.clear();
    this.sites.clear();
    this.kinds.fill(0);
    this.blocks.clear();
  }

  #appendWrite(batch: EventBatch, row: number, kind: number): void {
    const paddr = batch.paddr[row];
    const length = batch.length[row];
    const pfn = paddr >>> 12;
    const isFirst = this.#meet(pfn);
    const words = (length + 3) >>> 2;
    this.#reserve(1024 + words);
    let flags = 0;
    const start = this.#heapEnd;
    if (length === 4096) {
      flags = OVERWRITTEN;
      this.#copies.overwrite(pfn);
    } else if (this.#copies.isDue(pfn, length, isFirst)) {
      flags = COPIED;
      this.heap.set(this.#copies.frame(pfn), start * 4);
      this.#heapEnd += 1024;
    }
    const heap = this.#heapWords;
    const end = this.#heapEnd;
    const from = batch.data[row] * 2;
    const words32 = batch.heapWords;
    for (let i = 0; i < words; i++) heap[end + i] = words32[from + i];
    this.#heapEnd = end + words;
    this.#copies.memory.write(paddr, words32, from, length);
    this.#put(this.#codeOf(batch, row, pfn, kind), paddr & 4095, (flags | length) >>> 0, start);
  }

  #appendZeroed(batch: EventBatch, row: number, kind: number): void {
    const pfn = batch.paddr[row] >>> 12;
    this.#meet(pfn);
    this.#copies.overwrite(pfn);
    this.#copies.frame(pfn).fill(0);
    this.#put(this.#codeOf(batch, row, pfn, kind), 0, OVERWRITTEN, this.#heapEnd);
  }

  #appendCopied(batch: EventBatch, row: number, kind: number): void {
    const pfn = batch.paddr[row] >>> 12;
    const from = batch.heapWords[batch.data[row] * 2];
    this.#meet(pfn);
    this.#reserve(1025);
    this.#copies.overwrite(pfn);
    this.#copies.frame(pfn).set(this.#copies.frame(from >>> 12));
    const start = this.#heapEnd;
    this.#heapWords[start] = from;
    this.heap.set(this.#copies.frame(pfn), start * 4 + 4);
    this.#heapEnd += 1025;
    this.#put(this.#codeOf(batch, row, pfn, kind), 0, (OVERWRITTEN | 4100) >>> 0, start);
  }

  #appendLoad(batch: EventBatch, row: number, kind: number): void {
    const paddr = batch.paddr[row];
    const key = loadKey(this.#frameCount, paddr >>> 12);
    this.#meet(key);
    this.#put(this.#codeOf(batch, row, key, kind), paddr & 4095, batch.length[row], this.#heapEnd);
  }

  #appendPlain(batch: EventBatch, row: number, kind: number, role: number): void {
    const key = kindKey(this.#frameCount, kind);
    this.#meet(key);
    const [paddr, length] = [batch.paddr[row], batch.length[row]];
    const text = role === roles.detailed ? this.#encoder.encode(JSON.stringify(batch.details.get(row))) : undefined;
    const byteCount = plainPrefixBytes + (text?.length ?? (paddr === 0 && length === 0 ? 0 : 8));
    this.#reserve((byteCount + 3) >>> 2);
    const start = this.#heapEnd;
    const view = new DataView(this.heap.buffer, start * 4, byteCount);
    view.setBigInt64(0, BigInt(batch.vaddr[row]), true);
    view.setUint16(8, batch.task[row], true);
    view.setUint8(10, batch.processor[row]);
    if (text !== undefined) {
      this.heap.set(text, start * 4 + plainPrefixBytes);
    } else if (byteCount > plainPrefixBytes) {
      view.setUint32(plainPrefixBytes, paddr, true);
      view.setUint32(plainPrefixBytes + 4, length, true);
    }
    this.#heapEnd += (byteCount + 3) >>> 2;
    this.#put(this.eventCodes.codeOf(key, kind, modes.none, 0, 0, 0), 0, byteCount, start);
  }

  /** The code of an event at a physical address; an address that the code does not tell goes into its column. */
  #codeOf(batch: EventBatch, row: number, key: number, kind: number): number {
    const vaddr = batch.vaddr[row];
    const task = batch.task[row];
    const processor = batch.processor[row];
    const inPage = vaddr & 4095;
    if (vaddr !== 0 && inPage === (batch.paddr[row] & 4095) && (roleOf[kind] === roles.load || batch.length[row] > 0)) {
      return this.eventCodes.codeOf(key, kind, modes.samePlace, task, processor, (vaddr - inPage) / 4096);
    }
    if (vaddr !== 0) this.#vaddrs.add(vaddr);
    return this.eventCodes.codeOf(key, kind, vaddr === 0 ? modes.none : modes.written, task, processor, 0);
  }

  #put(code: number, place: number, length: number, data: number): void {
    const at = this.count;
    this.codes[at] = code;
    this.places[at] = place;
    this.lengths[at] = length;
    this.data[at] = data;
  }

  /** Counts an event of a key; says whether it is the segment's first. */
  #meet(key: number): boolean {
    if (this.keyEvents[key]++ > 0) return false;
    if (this.keyCount === this.keysMet.length) this.keysMet = grown(this.keysMet, new Uint32Array(this.keyCount * 2));
    this.keysMet[this.keyCount++] = key;
    return true;
  }

  #reserve(words: number): void {
    if (this.#heapEnd + words <= this.#heapWords.length) return;
    this.heap = grown(this.heap, new Uint8Array(Math.max(this.heap.length * 2, (this.#heapEnd + words) * 4)));
    this.#heapWords = new Uint32Array(this.heap.buffer);
  }

  #growColumns(): void {
    const length = this.codes.length * 2;
    this.codes = grown(this.codes, new Uint32Array(length));
    this.places = grown(this.places, new Uint16Array(length));
    this.lengths = grown(this.lengths, new Uint32Array(length));
    this.data = grown(this.data, new Uint32Array(length));
  }

  #endStretch(): void {
    const end = this.count;
    const start = Math.floor((end - 1) / stretchEvents) * stretchEvents;
    const [codes, sites, origins, vaddrs] = this.#sniffers;
    this.blocks.add(encodeNumbers(this.codes.subarray(start, end), end - start), codes);
    this.blocks.add(encodeNumbers(this.#stretchSites, end - start), sites);
    this.blocks.add(this.#origins.take(), origins);
    this.blocks.add(this.#vaddrs.take(), vaddrs);
  }
}
