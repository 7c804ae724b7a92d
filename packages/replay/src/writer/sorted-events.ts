// The events of a segment once more, sorted by key: what happened to a frame side by side, in order of time.

import type { OpenSegment } from "./open-segment.ts";

/** Columns of events, filled anew for each segment. Those of a key have the places from `startOf` to `endOf`. */
export class SortedEvents {
  /** The event's position in the segment; the rest is as in `OpenSegment`. */
  positions: Uint32Array = new Uint32Array(1 << 12);
  places: Uint16Array = new Uint16Array(1 << 12);
  lengths: Uint32Array = new Uint32Array(1 << 12);
  data: Uint32Array = new Uint32Array(1 << 12);
  /** The keys that have events, in order. */
  keys: Uint32Array = new Uint32Array(0);
  #keyEvents: Uint32Array = new Uint32Array(0);
  /** While sorting, where the next event of each key goes; then where its last one ends. */
  readonly #ends: Uint32Array;

  constructor(keyCount: number) {
    this.#ends = new Uint32Array(keyCount);
  }

  /** Where a key's first event is. */
  startOf(key: number): number {
    return this.endOf(key) - this.#keyEvents[key];
  }

  /** Where its last event ends. */
  endOf(key: number): number {
    return this.#ends[key];
  }

  /** A counting sort of all events of the segment, which stay where they are, too. */
  sort(segment: OpenSegment): void {
    const { count, keyEvents } = segment;
    this.keys = segment.keysMet.subarray(0, segment.keyCount).toSorted();
    this.#keyEvents = keyEvents;
    if (this.positions.length < count) this.#grow(segment.codes.length);
    let start = 0;
    for (const key of this.keys) {
      this.#ends[key] = start;
      start += keyEvents[key];
    }
    this.#scatter(segment);
  }

  #scatter({ codes, count, eventCodes, places: placeOf, lengths: lengthOf, data: dataOf }: OpenSegment): void {
    const { positions, places, lengths, data } = this;
    const ends = this.#ends;
    const keyOf = eventCodes.keys;
    for (let position = 0; position < count; position++) {
      const at = ends[keyOf[codes[position]]]++;
      positions[at] = position;
      places[at] = placeOf[position];
      lengths[at] = lengthOf[position];
      data[at] = dataOf[position];
    }
  }

  #grow(length: number): void {
    this.positions = new Uint32Array(length);
    this.places = new Uint16Array(length);
    this.lengths = new Uint32Array(length);
    this.data = new Uint32Array(length);
  }
}
