// What frames held that were copied to others: worked out when a segment ends, for a batch says no more than which they were.

import { frameBytes } from "@pagelapse/mmu";
import type { Ram } from "@pagelapse/mmu";
import { LENGTH, OVERWRITTEN } from "./open-segment.ts";
import type { OpenSegment } from "./open-segment.ts";
import type { SortedEvents } from "./sorted-events.ts";

/** A frame that is copied from, as far as its events have been applied. */
interface Source {
  readonly bytes: Uint8Array;
  /** The next of its events to apply, as a place of the sorted ones. */
  next: number;
}

/** Puts into the heap of a segment what each frame held as it was copied. `memory` is that of the segment's start. */
export function fillCopiedFrames(segment: OpenSegment, sorted: SortedEvents, memory: Ram): void {
  const sources = new Map<number, Source>();
  // In order of time: what was copied to a source before is known already.
  for (const position of segment.copiedAt) {
    const start = segment.data[position];
    const pfn = segment.heapWords[start] >>> 12;
    let source = sources.get(pfn);
    if (source === undefined) sources.set(pfn, (source = { bytes: memory.frame(pfn).slice(), next: sorted.startOf(pfn) }));
    const end = segment.keyEvents[pfn] === 0 ? source.next : sorted.endOf(pfn);
    for (; source.next < end && sorted.positions[source.next] < position; source.next++) {
      applyEvent(segment.heap, sorted, source.next, source.bytes);
    }
    segment.heap.set(source.bytes, start * 4 + 4);
  }
}

/** Lets an event happen to the bytes of its frame. */
export function applyEvent(heap: Uint8Array, { lengths, places, data }: SortedEvents, at: number, frame: Uint8Array): void {
  const start = data[at] * 4;
  const end = start + (lengths[at] & LENGTH);
  if ((lengths[at] & OVERWRITTEN) === 0) frame.set(heap.subarray(start, end), places[at]);
  else if (end === start) frame.fill(0);
  else frame.set(heap.subarray(end - frameBytes, end));
}
