// The log as RxJS streams: for those who watch.

import { Observable } from "rxjs";
import type { EventBatch } from "./event-batch.ts";
import type { EventLog } from "./event-log.ts";
import { MachineEvent } from "./event.ts";

/**
 * Every batch as it is published. A batch is lent while `next` runs: who keeps it takes `batch.copy()`.
 * A subscriber executes no commands. Hot: it begins with the next batch, and ends only by unsubscribing.
 */
export function batchesOf(log: EventLog): Observable<EventBatch> {
  return new Observable((subscriber) => log.listen((batch) => subscriber.next(batch)));
}

/**
 * The same stream, one object at a time. It costs nothing until somebody subscribes; then a batch is copied once,
 * so its events may be kept.
 */
export function eventsOf(batches$: Observable<EventBatch>): Observable<MachineEvent> {
  return new Observable((subscriber) =>
    batches$.subscribe({
      next(batch) {
        const kept = batch.copy();
        for (let row = 0; row < kept.count && !subscriber.closed; row++) subscriber.next(new MachineEvent(kept, row));
      },
      error: (reason) => subscriber.error(reason),
      complete: () => subscriber.complete(),
    }),
  );
}
