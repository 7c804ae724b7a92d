// A ring of batches in memory that two threads share: one puts them in, the other takes them out, and each waits for the other.

import { EventBatch } from "@pagelapse/events";

/*
 *     control   64 bytes: i32 batches put in, i32 batches taken out, i32 1 when nobody takes any more
 *     a place   64 bytes: f64 first moment, f64 events, f64 slots of the heap in use, f64 what it is; then a batch's buffer
 */
const PUT = 0;
const TAKEN = 1;
const OVER = 2;
const lineBytes = 64;
const what = { end: 0, moved: 1, batch: 2, batchWithDetails: 3 } as const;

/** Batches in the ring: as many as there are events in a segment, so that the machine goes on while one is packed. */
const placeCount = 32;
/** How long a full ring is waited for; no disk takes so long to write a segment. In milliseconds. */
const patience = 60_000;

/** What a thread must know to share a ring. */
export interface RingShape {
  readonly rowLimit: number;
  readonly slotLimit: number;
  readonly buffer: SharedArrayBuffer;
}

/** A ring for batches of those limits. */
export function newRing(rowLimit: number, slotLimit: number): RingShape {
  const placeBytes = lineBytes + EventBatch.byteCountOf(rowLimit, slotLimit);
  return { rowLimit, slotLimit, buffer: new SharedArrayBuffer(lineBytes + placeCount * placeBytes) };
}

interface Place {
  readonly head: Float64Array;
  readonly batch: EventBatch;
}

/** One thread's end of a ring: one thread puts, one takes. */
export class BatchRing {
  readonly #control: Int32Array;
  readonly #places: readonly Place[];

  constructor({ rowLimit, slotLimit, buffer }: RingShape) {
    const batchBytes = EventBatch.byteCountOf(rowLimit, slotLimit);
    this.#control = new Int32Array(buffer, 0, lineBytes / 4);
    this.#places = Array.from({ length: placeCount }, (_, index) => {
      const at = lineBytes + index * (lineBytes + batchBytes);
      return {
        head: new Float64Array(buffer, at, lineBytes / 8),
        batch: new EventBatch(rowLimit, slotLimit, buffer, at + lineBytes),
      };
    });
  }

  /** Whether a batch fits in. */
  takes(batch: EventBatch): boolean {
    const [{ batch: room }] = this.#places;
    return batch.count <= room.rowLimit && batch.slotCount <= room.slotLimit;
  }

  /**
   * Puts a copy of a batch in, its details left out, or says that nothing more will come, or not here. Waits while the ring is
   * full. `"over"`: nobody takes any more.
   */
  put(batch: EventBatch | "end" | "moved"): "put" | "over" {
    const control = this.#control;
    const put = control[PUT];
    for (let taken = Atomics.load(control, TAKEN); put - taken === placeCount; taken = Atomics.load(control, TAKEN)) {
      if (Atomics.load(control, OVER) === 1) return "over";
      if (Atomics.wait(control, TAKEN, taken, patience) === "timed-out") return "over";
    }
    if (Atomics.load(control, OVER) === 1) return "over";
    const { head, batch: room } = this.#places[put & (placeCount - 1)];
    if (typeof batch === "string") {
      head[3] = what[batch];
    } else {
      batch.copyTo(room);
      head[0] = batch.firstMoment;
      head[1] = batch.count;
      head[2] = batch.slotCount;
      head[3] = batch.details.size > 0 ? what.batchWithDetails : what.batch;
    }
    Atomics.store(control, PUT, put + 1);
    Atomics.notify(control, PUT);
    return "put";
  }

  /** The next batch, lent until `release`, or what was said instead. Waits while the ring is empty. `details`: where to get them. */
  take(details: () => EventBatch["details"]): EventBatch | "end" | "moved" {
    const control = this.#control;
    const taken = control[TAKEN];
    while (Atomics.load(control, PUT) === taken) Atomics.wait(control, PUT, taken);
    const { head, batch } = this.#places[taken & (placeCount - 1)];
    if (head[3] === what.end) return "end";
    if (head[3] === what.moved) return "moved";
    batch.clear(head[0]);
    [, batch.count, batch.slotCount] = head;
    if (head[3] === what.batchWithDetails) for (const [row, detail] of details()) batch.details.set(row, detail);
    return batch;
  }

  /** The batch that was taken last is done with. */
  release(): void {
    Atomics.add(this.#control, TAKEN, 1);
    Atomics.notify(this.#control, TAKEN);
  }

  /** Nothing is taken any more: who waits need wait no longer. */
  abandon(): void {
    Atomics.store(this.#control, OVER, 1);
    Atomics.notify(this.#control, TAKEN);
  }
}
