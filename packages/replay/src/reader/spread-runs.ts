// The events of a segment's runs, spread over the stretches of time that they happened in.

import { BadRecording } from "../format/bad-recording.ts";
import { RAW } from "../format/codec.ts";
import { keyClass } from "../format/event-key.ts";
import type { KeyClass } from "../format/event-key.ts";
import { ALONE, RECORD, SAME_LENGTH, prefixBytes } from "../format/run.ts";
import { recordWords, stretchColumns, stretchEvents } from "../format/segment-header.ts";
import { VarintReader } from "../format/varint.ts";
import type { Segment } from "./segment.ts";
import type { BlockEntry, Head } from "./segment-parts.ts";

/** Words an event: its row in the stretch | its place in the frame << 16, its length, and its bytes or where they begin in `long`. */
export const spreadWords = 4;
/** The bytes of an event up to this long stand with it. */
export const shortBytes = 8;
/** Blocks are read together up to so many bytes. */
const readBytes = 2 ** 22;

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
  #scratch = new Uint8Array(2 ** 16);

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
    const records = await segment.parts.allRecords();
    const meant = this.#meantRuns(records, isMeant);
    if (meant.length * 8 < segment.header.runs) {
      for (const run of meant) {
        const bytes = await segment.run({ index: run, words: records, at: run * recordWords });
        this.#spreadRun(records, run, bytes, viewOf(bytes), 0, segment.header.offset);
      }
      return;
    }
    await this.#spreadBlocks(segment, records, meant);
  }

  #meantRuns(records: Uint32Array, isMeant: (key: number) => boolean): Uint32Array {
    const meant = new Uint32Array(records.length / recordWords);
    let count = 0;
    let [lastKey, isKeyMeant] = [-1, false];
    for (let run = 0; run < meant.length; run++) {
      const key = records[run * recordWords + RECORD.key];
      if (key !== lastKey) [lastKey, isKeyMeant] = [key, isMeant(key)];
      if (isKeyMeant && records[run * recordWords + RECORD.position] < this.#to) meant[count++] = run;
    }
    return meant.subarray(0, count);
  }

  async #spreadBlocks(segment: Segment, records: Uint32Array, meant: Uint32Array): Promise<void> {
    const { header, parts } = segment;
    const head = await parts.head();
    let next = 0;
    for (let block = header.stretches * stretchColumns; block < header.codesBlock;) {
      const first = parts.entryOf(head, block);
      if (first.raw === 0) {
        block++;
        continue;
      }
      const end = blocksTogether(segment, head, block);
      const last = parts.entryOf(head, end - 1);
      const stored = await parts.read(parts.dataAt + first.offset, last.offset + last.stored - first.offset);
      for (; block < end; block++) {
        const entry = parts.entryOf(head, block);
        const begin = next;
        while (next < meant.length && records[meant[next] * recordWords + RECORD.block] === block) next++;
        if (next === begin) continue;
        const from = entry.offset - first.offset;
        this.#spreadBlock(segment, entry, stored.subarray(from, from + entry.stored), records, meant.subarray(begin, next));
      }
    }
    if (next < meant.length) throw new BadRecording(header.offset, `${meant.length} runs in blocks`, `${next}`);
  }

  #spreadBlock({ header, parts }: Segment, entry: BlockEntry, stored: Uint8Array, records: Uint32Array, runs: Uint32Array): void {
    let bytes = stored;
    if (entry.codec !== RAW) {
      if (this.#scratch.length < entry.raw) this.#scratch = new Uint8Array(entry.raw);
      bytes = this.#scratch.subarray(0, entry.raw);
      parts.unpack(entry, stored, bytes);
    }
    const view = viewOf(bytes);
    for (const run of runs) {
      const record = run * recordWords;
      const isAlone = (records[record + RECORD.count] & ALONE) !== 0;
      const start = records[record + RECORD.start] - (isAlone ? entry.offset : 0);
      if (entry.codec === RAW) {
        const own = bytes.subarray(start, start + records[record + RECORD.bytes]);
        parts.check(parts.dataAt + entry.offset + start, own, records[record + RECORD.crc], "a run");
      }
      this.#spreadRun(records, run, bytes, view, start, header.offset);
    }
  }

  /** The run whose bytes begin at `start`; `offset` is said to stand where it is not what its record says. */
  #spreadRun(records: Uint32Array, run: number, bytes: Uint8Array, view: DataView, start: number, offset: number): void {
    const record = run * recordWords;
    const word = records[record + RECORD.count];
    const count = word & 0xffff;
    const end = start + records[record + RECORD.bytes];
    const holds = keyClass(this.#frameCount, records[record]);
    const positions = start + prefixBytes(word, records[record + RECORD.previous]);
    const placeBytes = holds === "kind" ? 0 : 2;
    const position = records[record + RECORD.position];
    if ((word & SAME_LENGTH) === 0) {
      this.#spreadUnlike(bytes, position, { count, holds, positions, placeBytes, end, offset });
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
        this.#put(bytes, at, place, length, values + (holds === "loaded" ? 0 : i * length), holds);
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
      this.#put(bytes, at, place, length, value, holds);
      if (holds !== "loaded") value += length;
    }
    if (value !== end) throw new BadRecording(offset, "a run that ends where its record says", "another");
  }

  #put(bytes: Uint8Array, position: number, place: number, length: number, value: number, holds: KeyClass): void {
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

/** The number of the block before which a read of blocks from this one on ends; copies of frames are not read with runs. */
function blocksTogether({ header, parts }: Segment, head: Head, first: number): number {
  const { offset } = parts.entryOf(head, first);
  let end = first + 1;
  for (; end < header.codesBlock; end++) {
    const next = parts.entryOf(head, end);
    if (next.raw === 0 || next.offset + next.stored - offset > readBytes) break;
  }
  return end;
}

/** The place behind so many varints. */
function skipVarints(bytes: Uint8Array, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < bytes.length; at++) if (bytes[at] < 128) left--;
  return at;
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
