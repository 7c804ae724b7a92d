// The events of a segment's runs, spread over the stretches of time that they happened in.

import { BadRecording } from "../format/bad-recording.ts";
import { keyClass } from "../format/event-key.ts";
import type { KeyClass } from "../format/event-key.ts";
import { RECORD, SAME_LENGTH, prefixBytes } from "../format/run.ts";
import { stretchEvents } from "../format/segment-header.ts";
import { VarintReader } from "../format/varint.ts";
import type { Segment } from "./segment.ts";
import { visitRuns } from "./visit-runs.ts";
import type { VisitedRun } from "./visit-runs.ts";

/** Words an event: its row in the stretch | its place in the frame << 16, its length, and its bytes or where they begin in `long`. */
export const spreadWords = 4;
/** The bytes of an event up to this long stand with it. */
export const shortBytes = 8;

/**
 * Runs are decoded one after the other, as they lie, and their events go to as many places as there are stretches: each is written
 * from front to back, where putting each event in its place at once would miss every cache. Memory is used again for the next segment.
 */
export class SpreadRuns {
  /** Of each stretch from the first one on `stretchEvents` times `spreadWords` words, in no order. */
  words: Uint32Array = new Uint32Array(0);
  /** How many events each stretch has got. */
  counts: Uint32Array = new Uint32Array(0);
  /** Longer bytes. */
  long: Uint8Array = new Uint8Array(2 ** 16);
  longView: DataView = new DataView(this.long.buffer);
  readonly #frameCount: number;
  #longEnd = 0;
  #from = 0;
  #to = 0;
  #start = 0;

  constructor(frameCount: number) {
    this.#frameCount = frameCount;
  }

  /** Spreads the events of positions [from, to) of the keys that are meant. */
  async spread(segment: Segment, from: number, to: number, isMeant: (key: number) => boolean): Promise<void> {
    const first = Math.floor(from / stretchEvents);
    const stretches = Math.ceil(to / stretchEvents) - first;
    this.#from = from;
    this.#to = to;
    this.#start = first * stretchEvents;
    this.#longEnd = 0;
    this.counts = new Uint32Array(stretches);
    const words = (segment.header.events - this.#start) * spreadWords;
    if (this.words.length < words) this.words = new Uint32Array(words);
    await visitRuns(
      segment,
      (records, record) => records[record + RECORD.position] < to && isMeant(records[record + RECORD.key]),
      (run) => this.#spreadRun(run, segment.header.offset),
    );
  }

  /** `offset` is said to stand where a run is not what its record says. */
  #spreadRun({ records, record, bytes, view, start }: VisitedRun, offset: number): void {
    const word = records[record + RECORD.count];
    const count = word & 0xffff;
    const end = start + records[record + RECORD.bytes];
    const holds = keyClass(this.#frameCount, records[record]);
    const positions = start + prefixBytes(word, records[record + RECORD.previous]);
    const placeBytes = holds === "kind" ? 0 : 2;
    const position = records[record + RECORD.position];
    if ((word & SAME_LENGTH) === 0) {
      this.#spreadUnlike(bytes, view, position, { count, holds, positions, placeBytes, end, offset });
      return;
    }
    const length = (word >>> 16) & 0xff;
    const values = end - (holds === "loaded" ? 0 : count * length);
    const places = values - count * placeBytes;
    if (places < positions || end > bytes.length) throw new BadRecording(offset, "a run that has room for its events", "another");
    if (length > shortBytes || placeBytes === 0 || end + shortBytes > bytes.length) {
      const varints = new VarintReader(bytes, positions);
      for (let i = 0, at = position; i < count; i++) {
        at += varints.next();
        const place = placeBytes === 0 ? 0 : bytes[places + 2 * i] | (bytes[places + 2 * i + 1] << 8);
        this.#put(bytes, view, at, place, length, values + (holds === "loaded" ? 0 : i * length), holds);
      }
      return;
    }
    this.#spreadAlike(bytes, view, position, count, positions, places, values, holds === "loaded" ? 0 : length, length);
  }

  /** The hot one: short events of one length. */
  #spreadAlike(
    bytes: Uint8Array,
    view: DataView,
    position: number,
    count: number,
    positions: number,
    places: number,
    values: number,
    step: number,
    length: number,
  ): void {
    const { words, counts } = this;
    const [from, to, start] = [this.#from, this.#to, this.#start];
    let varint = positions;
    let place = places;
    let value = values;
    for (let i = 0, at = position; i < count; i++, place += 2, value += step) {
      let byte = bytes[varint++];
      at += byte & 127;
      for (let unit = 128; byte > 127; unit *= 128) {
        byte = bytes[varint++];
        at += (byte & 127) * unit;
      }
      if (at < from || at >= to) continue;
      const stretch = (at - start) >>> 14;
      const word = (stretch * stretchEvents + counts[stretch]++) * spreadWords;
      words[word] = (at & (stretchEvents - 1)) | (bytes[place] << 16) | (bytes[place + 1] << 24);
      words[word + 1] = length;
      words[word + 2] = view.getUint32(value, true);
      words[word + 3] = view.getUint32(value + 4, true);
    }
  }

  #spreadUnlike(
    bytes: Uint8Array,
    view: DataView,
    position: number,
    run: { count: number; holds: KeyClass; positions: number; placeBytes: number; end: number; offset: number },
  ): void {
    const { count, holds, positions, placeBytes, end, offset } = run;
    const steps = new VarintReader(bytes, positions);
    const lengths = new VarintReader(bytes, skipVarints(bytes, positions, count));
    const places = lengths.at;
    lengths.at += count * placeBytes;
    let value = skipVarints(bytes, lengths.at, count);
    for (let i = 0, at = position; i < count; i++) {
      at += steps.next();
      const length = lengths.next();
      const place = placeBytes === 0 ? 0 : bytes[places + 2 * i] | (bytes[places + 2 * i + 1] << 8);
      if (value + (holds === "loaded" ? 0 : length) > end) break;
      this.#put(bytes, view, at, place, length, value, holds);
      if (holds !== "loaded") value += length;
    }
    if (value !== end) throw new BadRecording(offset, "a run that ends where its record says", "another");
  }

  #put(bytes: Uint8Array, view: DataView, position: number, place: number, length: number, value: number, holds: KeyClass): void {
    if (position < this.#from || position >= this.#to) return;
    const { words } = this;
    const stretch = (position - this.#start) >>> 14;
    const word = (stretch * stretchEvents + this.counts[stretch]++) * spreadWords;
    words[word] = (position & (stretchEvents - 1)) | (place << 16);
    words[word + 1] = length;
    if (holds === "loaded") return;
    if (length > shortBytes || holds === "kind") {
      words[word + 2] = this.#putLong(bytes, value, length);
      return;
    }
    if (value + shortBytes <= bytes.length) {
      words[word + 2] = view.getUint32(value, true);
      words[word + 3] = view.getUint32(value + 4, true);
      return;
    }
    let [low, high] = [0, 0];
    for (let i = 0; i < Math.min(4, length); i++) low |= bytes[value + i] << (8 * i);
    for (let i = 4; i < length; i++) high |= bytes[value + i] << (8 * (i - 4));
    words[word + 2] = low;
    words[word + 3] = high;
  }

  /** Keeps bytes; says where. They begin where a word does, and words may be read to their end. */
  #putLong(bytes: Uint8Array, value: number, length: number): number {
    const at = this.#longEnd;
    this.#longEnd += Math.ceil(length / 8) * 8;
    if (this.#longEnd > this.long.length) {
      const longer = new Uint8Array(this.#longEnd * 2);
      longer.set(this.long.subarray(0, at));
      this.long = longer;
      this.longView = new DataView(longer.buffer);
    }
    this.long.set(bytes.subarray(value, value + length), at);
    return at;
  }
}

/** The place behind so many varints. */
function skipVarints(bytes: Uint8Array, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < bytes.length; at++) if (bytes[at] < 128) left--;
  return at;
}
