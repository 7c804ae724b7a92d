// A batch of events in columns: what is published, and what a recording stores.

/** A small JSON value that belongs to an event; its shape is that of the event's kind. */
export type Detail = object;

/**
 * Events in columns; row `i` is the event of moment `firstMoment + i`.
 *
 * `data[i]` is the offset of the event's bytes in the heap, in slots of 8 bytes; `length[i]` says how many there are.
 * `site` is the address of the instruction (0 when unknown), `origin` the record or line of the trace it came from.
 * Addresses are exact integers below 2^53; physical addresses are below 2^32.
 */
export class EventBatch {
  readonly rowLimit: number;
  readonly slotLimit: number;
  readonly kind: Uint8Array;
  readonly task: Uint16Array;
  readonly processor: Uint8Array;
  readonly vaddr: Float64Array;
  readonly paddr: Uint32Array;
  readonly length: Uint32Array;
  readonly data: Uint32Array;
  readonly site: Float64Array;
  readonly origin: Float64Array;
  /** The events' bytes, and the same memory as 32-bit words. */
  readonly heap: Uint8Array;
  readonly heapWords: Uint32Array;
  readonly details: Map<number, Detail> = new Map();
  firstMoment = 0;
  count = 0;
  /** Slots of the heap in use. */
  slotCount = 0;

  constructor(rowLimit: number, slotLimit: number) {
    this.rowLimit = rowLimit;
    this.slotLimit = slotLimit;
    this.kind = new Uint8Array(rowLimit);
    this.task = new Uint16Array(rowLimit);
    this.processor = new Uint8Array(rowLimit);
    this.vaddr = new Float64Array(rowLimit);
    this.paddr = new Uint32Array(rowLimit);
    this.length = new Uint32Array(rowLimit);
    this.data = new Uint32Array(rowLimit);
    this.site = new Float64Array(rowLimit);
    this.origin = new Float64Array(rowLimit);
    this.heap = new Uint8Array(slotLimit * 8);
    this.heapWords = new Uint32Array(this.heap.buffer);
  }

  /** The bytes of the event in this row: a view, lent as the batch is. Empty for kinds without bytes. */
  bytes(row: number): Uint8Array {
    const start = this.data[row] * 8;
    return this.heap.subarray(start, start + this.length[row]);
  }

  /** A batch of one's own, for who keeps it after `next` has returned. */
  copy(): EventBatch {
    const copy = new EventBatch(this.count, this.slotCount);
    for (const column of columnNames) copy[column].set(this[column].subarray(0, this.count));
    copy.heap.set(this.heap.subarray(0, this.slotCount * 8));
    for (const [row, detail] of this.details) copy.details.set(row, detail);
    copy.firstMoment = this.firstMoment;
    copy.count = this.count;
    copy.slotCount = this.slotCount;
    return copy;
  }

  /** Makes the batch empty again; `firstMoment` is the moment of the next event. */
  clear(firstMoment: number): void {
    this.firstMoment = firstMoment;
    this.count = 0;
    this.slotCount = 0;
    if (this.details.size > 0) this.details.clear();
  }
}

const columnNames = ["kind", "task", "processor", "vaddr", "paddr", "length", "data", "site", "origin"] as const;
