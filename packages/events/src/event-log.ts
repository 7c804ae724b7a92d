// The log: events are appended in columns and lent to whoever listens, a batch at a time.

import { catalogue } from "./catalogue.ts";
import type { FileFactName, FilePlace } from "./catalogue.ts";
import { EventBatch } from "./event-batch.ts";
import type { Detail } from "./event-batch.ts";

/** Receives a batch that is lent until it returns; it executes no commands. */
export type BatchListener = (batch: EventBatch) => void;

const STORE = catalogue.store.code;
const FRAME_COPIED = catalogue["frame-copied"].code;

/**
 * Writes events into one batch that is used again and again; a batch is published when it is full and at `flush`.
 *
 * `task`, `processor`, `site` and `originBase` say for whom the next events happen.
 */
export class EventLog {
  /** Address of the instruction at work; 0 when unknown. */
  site = 0;
  /** Added to the place of a store's bytes in its chunk, this is the store's origin in the trace. */
  originBase = 0;
  readonly #listeners: BatchListener[] = [];
  /**
   * In rows to come the kind is already that of a store, and task and processor are the present ones, so that a store need
   * not write them: they are written when something else happens.
   */
  readonly #batch: EventBatch;
  #task = 0;
  #processor = 0;
  /** Whether rows of this batch differ in kind, task or processor from what a store finds ready. */
  #mixed = false;
  #publishing = false;

  /** `rowLimit` events a batch, and 8 times `slotLimit` bytes for their values. */
  constructor(rowLimit = 8192, slotLimit = 16384) {
    this.#batch = new EventBatch(rowLimit, slotLimit);
    this.#batch.kind.fill(STORE);
  }

  /** Index of the task in the state. */
  get task(): number {
    return this.#task;
  }
  set task(task: number) {
    if (task === this.#task) return;
    this.#task = task;
    this.#mixed = true;
    this.#batch.task.fill(task, this.#batch.count);
  }
  get processor(): number {
    return this.#processor;
  }
  set processor(processor: number) {
    if (processor === this.#processor) return;
    this.#processor = processor;
    this.#mixed = true;
    this.#batch.processor.fill(processor, this.#batch.count);
  }

  /** How many events there have been: the moment of the next one. */
  get moment(): number {
    return this.#batch.firstMoment + this.#batch.count;
  }

  /** Calls `listener` with every batch from now on; the function returned ends that. */
  listen(listener: BatchListener): () => void {
    this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }

  /** The hot one: a store of 1 to 64 bytes at `words[at]` on, by the address's two 32-bit halves. */
  store(high: number, low: number, paddr: number, words: Uint32Array, at: number, size: number): void {
    const batch = this.#batch;
    const row = batch.count;
    const slot = batch.slotCount;
    batch.vaddr[row] = high * 0x1_0000_0000 + (low >>> 0);
    batch.paddr[row] = paddr;
    batch.length[row] = size;
    batch.data[row] = slot;
    batch.site[row] = this.site;
    batch.origin[row] = this.originBase + at * 4;
    const word = slot * 2;
    const heap = batch.heapWords;
    heap[word] = words[at];
    heap[word + 1] = words[at + 1];
    if (size > 8) for (let i = 2; i * 4 < size; i++) heap[word + i] = words[at + i];
    batch.slotCount = slot + ((size + 7) >>> 3);
    batch.count = row + 1;
    if (row + 1 === batch.rowLimit || batch.slotCount + 8 > batch.slotLimit) this.flush();
  }

  /** An event without bytes. `length` means what the catalogue says of the kind. */
  note(kind: number, vaddr: number, paddr: number, length: number): void {
    this.#append(kind, vaddr, paddr, length, 0);
  }

  /** An event of one or two 32-bit words: a page-table entry, a field of the frame table. */
  words(kind: number, vaddr: number, paddr: number, low: number, high: number, length: number): void {
    const batch = this.#batch;
    const word = batch.slotCount * 2;
    batch.heapWords[word] = low;
    batch.heapWords[word + 1] = high;
    this.#append(kind, vaddr, paddr, length, 1);
  }

  /** An event of any bytes up to half a heap. */
  bytes(kind: number, vaddr: number, paddr: number, bytes: Uint8Array): void {
    const slots = Math.ceil(bytes.length / 8);
    this.#reserve(slots);
    const start = this.#batch.slotCount * 8;
    this.#batch.heap.set(bytes, start);
    this.#append(kind, vaddr, paddr, bytes.length, slots);
  }

  /** A whole frame copied from `from` to `paddr`, both physical addresses. */
  copied(vaddr: number, paddr: number, from: number, frameBytes: number): void {
    const batch = this.#batch;
    batch.heapWords[batch.slotCount * 2] = from;
    this.#append(FRAME_COPIED, vaddr, paddr, frameBytes, 1);
  }

  /** An event with a detail; `vaddr` where the kind has one. The detail must not be changed any more. */
  detail(kind: number, detail: Detail, vaddr = 0): void {
    this.#batch.details.set(this.#batch.count, detail);
    this.#append(kind, vaddr, 0, 0, 0);
  }

  /** Bytes of a mapped file, up to half a heap. The place must not be changed any more. */
  file(kind: FileFactName, place: FilePlace, bytes: Uint8Array): void {
    const slots = Math.ceil(bytes.length / 8);
    this.#reserve(slots);
    this.#batch.heap.set(bytes, this.#batch.slotCount * 8);
    this.#batch.details.set(this.#batch.count, place);
    this.#append(catalogue[kind].code, 0, 0, bytes.length, slots);
  }

  /** Publishes what has been appended. Nothing happens when that is nothing. */
  flush(): void {
    const batch = this.#batch;
    if (batch.count === 0) return;
    if (this.#publishing) throw new Error("a listener of the event log has executed a command");
    this.#publishing = true;
    try {
      for (const listener of this.#listeners) listener(batch);
    } finally {
      this.#publishing = false;
      batch.clear(batch.firstMoment + batch.count);
      if (this.#mixed) this.#makeReady();
    }
  }

  #makeReady(): void {
    const { kind, processor, task } = this.#batch;
    kind.fill(STORE);
    task.fill(this.#task);
    processor.fill(this.#processor);
    this.#mixed = false;
  }

  #reserve(slots: number): void {
    if (this.#batch.slotCount + slots + 8 > this.#batch.slotLimit) this.flush();
    if (slots + 8 > this.#batch.slotLimit) throw new RangeError(`an event of ${slots * 8} bytes does not fit in a batch`);
  }

  #append(kind: number, vaddr: number, paddr: number, length: number, slots: number): void {
    const batch = this.#batch;
    const row = batch.count;
    batch.kind[row] = kind;
    this.#mixed = true;
    batch.vaddr[row] = vaddr;
    batch.paddr[row] = paddr;
    batch.length[row] = length;
    batch.data[row] = batch.slotCount;
    batch.site[row] = this.site;
    batch.origin[row] = this.originBase;
    batch.slotCount += slots;
    batch.count = row + 1;
    if (batch.count === batch.rowLimit || batch.slotCount + 8 > batch.slotLimit) this.flush();
  }
}
