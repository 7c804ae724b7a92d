// Events of the past as an Observable: cold, at the pace of the reading.

import { MachineEvent } from "@pagelapse/events";
import type { EventBatch } from "@pagelapse/events";
import { Observable } from "rxjs";

/** Reads for each subscriber anew; unsubscribing stops the reading. */
export function pastEvents(batches: () => AsyncIterable<EventBatch>): Observable<MachineEvent> {
  return new Observable((subscriber) => {
    const read = async (): Promise<void> => {
      for await (const batch of batches()) {
        for (let row = 0; row < batch.count && !subscriber.closed; row++) subscriber.next(new MachineEvent(batch, row));
        if (subscriber.closed) return;
      }
      subscriber.complete();
    };
    read().catch((reason: unknown) => subscriber.error(reason));
  });
}
