// A stretch of 16,384 events in time order: the columns that no look at a frame needs, each a block of its own.

/*
 *     codes      u16 each, or, where one is beyond that, u16 low halves of all, then u16 high halves
 *     sites      the codes of the instructions' addresses, in the same way
 *     origins    signed varints, each the difference from the one before; the first from 0
 *     addresses  the same, of those events only whose code has the mode `written`; the first from 0
 */
import { VarintReader, longestSigned, putSigned } from "./varint.ts";

/** Small numbers, two bytes each where that is enough. */
export function encodeNumbers(numbers: Uint32Array, count: number): Uint8Array {
  let most = 0;
  for (let i = 0; i < count; i++) if (numbers[i] > most) most = numbers[i];
  const bytes = new Uint8Array(most > 0xffff ? count * 4 : count * 2);
  for (let i = 0; i < count; i++) {
    bytes[2 * i] = numbers[i];
    bytes[2 * i + 1] = numbers[i] >>> 8;
  }
  if (most <= 0xffff) return bytes;
  for (let i = 0; i < count; i++) {
    bytes[2 * (count + i)] = numbers[i] >>> 16;
    bytes[2 * (count + i) + 1] = numbers[i] >>> 24;
  }
  return bytes;
}

/** The numbers of so many events; `undefined` where they are not as many as that, or one is not below `limit`. */
export function decodeNumbers(bytes: Uint8Array, count: number, limit: number): Uint32Array | undefined {
  const areWide = bytes.length === 4 * count;
  if (!areWide && bytes.length !== 2 * count) return undefined;
  // Halves begin at an even place of their buffer, or are copied to one.
  const own = (bytes.byteOffset & 1) === 0 ? bytes : bytes.slice();
  const numbers = new Uint32Array(new Uint16Array(own.buffer, own.byteOffset, count));
  if (areWide) {
    const high = new Uint16Array(own.buffer, own.byteOffset + 2 * count, count);
    for (let i = 0; i < count; i++) numbers[i] += high[i] * 0x1_0000;
  }
  let most = 0;
  for (let i = 0; i < count; i++) if (numbers[i] > most) most = numbers[i];
  return count > 0 && most >= limit ? undefined : numbers;
}

/** Large numbers that differ little from each other, as they are written. */
export class DifferenceWriter {
  #bytes = new Uint8Array(1 << 15);
  #at = 0;
  #last = 0;

  add(value: number): void {
    this.#reserve(1);
    this.#at = putSigned(this.#bytes, this.#at, value - this.#last);
    this.#last = value;
  }

  /** Those of places [from, to), in order. */
  addAll(values: Float64Array, from: number, to: number): void {
    this.#reserve(to - from);
    const bytes = this.#bytes;
    let at = this.#at;
    let last = this.#last;
    for (let i = from; i < to; i++) {
      const step = values[i] - last;
      last = values[i];
      // Most steps are short ones forward.
      if (step >= 0 && step < 64) bytes[at++] = step;
      else at = putSigned(bytes, at, step);
    }
    this.#at = at;
    this.#last = last;
  }

  /** All of them, lent until the next is added; the writer begins anew. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    this.#last = 0;
    return bytes;
  }

  #reserve(count: number): void {
    if (this.#at + count * longestSigned <= this.#bytes.length) return;
    const longer = new Uint8Array(this.#bytes.length * 2 + count * longestSigned);
    longer.set(this.#bytes);
    this.#bytes = longer;
  }
}

/** The same, as they are read. */
export class DifferenceReader {
  readonly #differences: VarintReader;
  #last = 0;

  constructor(bytes: Uint8Array) {
    this.#differences = new VarintReader(bytes, 0);
  }

  /** NaN after the last. */
  next(): number {
    return (this.#last += this.#differences.nextSigned());
  }
}
