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

  /** All columns lie in one buffer, `byteCountOf` bytes from `start` on: another thread's, where it is given. */
  constructor(
    rowLimit: number,
    slotLimit: number,
    buffer: ArrayBufferLike = new ArrayBuffer(EventBatch.byteCountOf(rowLimit, slotLimit)),
    start = 0,
  ) {
    this.rowLimit = rowLimit;
    this.slotLimit = slotLimit;
    const [vaddr, site, origin, paddr, length, data, heap, task, kind, processor] = placesOf(rowLimit, slotLimit, start);
    this.vaddr = new Float64Array(buffer, vaddr, rowLimit);
    this.site = new Float64Array(buffer, site, rowLimit);
    this.origin = new Float64Array(buffer, origin, rowLimit);
    this.paddr = new Uint32Array(buffer, paddr, rowLimit);
    this.length = new Uint32Array(buffer, length, rowLimit);
    this.data = new Uint32Array(buffer, data, rowLimit);
    this.heap = new Uint8Array(buffer, heap, slotLimit * 8);
    this.heapWords = new Uint32Array(buffer, heap, slotLimit * 2);
    this.task = new Uint16Array(buffer, task, rowLimit);
    this.kind = new Uint8Array(buffer, kind, rowLimit);
    this.processor = new Uint8Array(buffer, processor, rowLimit);
  }

  /** How large the buffer of a batch is. */
  static byteCountOf(rowLimit: number, slotLimit: number): number {
    return placesOf(rowLimit, slotLimit, 0).at(-1) as number;
  }

  /** The bytes of the event in this row: a view, lent as the batch is. Empty for kinds without bytes. */
  bytes(row: number): Uint8Array {
    const start = this.data[row] * 8;
    return this.heap.subarray(start, start + this.length[row]);
  }

  /** A batch of one's own, for who keeps it after `next` has returned. */
  copy(): EventBatch {
    const copy = new EventBatch(this.count, this.slotCount);
    this.copyTo(copy);
    for (const [row, detail] of this.details) copy.details.set(row, detail);
    return copy;
  }

  /** The same into a batch that has room for it, but for the details. */
  copyTo(target: EventBatch): void {
    for (const column of columnNames) target[column].set(this[column].subarray(0, this.count));
    target.heap.set(this.heap.subarray(0, this.slotCount * 8));
    target.firstMoment = this.firstMoment;
    target.count = this.count;
    target.slotCount = this.slotCount;
  }

  /** Makes the batch empty again; `firstMoment` is the moment of the next event. */
  clear(firstMoment: number): void {
    this.firstMoment = firstMoment;
    this.count = 0;
    this.slotCount = 0;
    if (this.details.size > 0) this.details.clear();
  }
}

/** Bytes of an element of each column that lies in the buffer, in order; the heap has slots for rows. */
const elementBytes = [8, 8, 8, 4, 4, 4, 8, 2, 1, 1] as const;
const heapColumn = 6;

/** Where each column begins, and where the last one ends. Equal places in a row's columns lie in different lines of a cache. */
function placesOf(rowLimit: number, slotLimit: number, start: number): readonly number[] {
  const places = [start];
  elementBytes.forEach((bytes, column) => {
    const end = places[column] + bytes * (column === heapColumn ? slotLimit : rowLimit);
    places.push(Math.ceil(end / 64 + 1) * 64);
  });
  return places;
}

const columnNames = ["kind", "task", "processor", "vaddr", "paddr", "length", "data", "site", "origin"] as const;
