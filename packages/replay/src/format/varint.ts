// Numbers in as few bytes as they need: seven bits a byte, the lowest first, the top bit set on all but the last (LEB128).

/** Writes a whole number from 0 to 2^53; returns the place after it. */
export function putVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest >= 0x8000_0000) {
    target[at++] = (rest & 127) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest > 127) {
    target[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

/** Most bytes that a number takes, and one that may be negative. */
export const longestVarint = 8;
export const longestSigned = 9;

/** Reads numbers one after the other. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** The next number; NaN where the bytes end before it does. */
  next(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.at++];
    if (byte < 128) return byte;
    let value = byte & 127;
    let unit = 128;
    do {
      byte = bytes[this.at++];
      value += (byte & 127) * unit;
      unit *= 128;
    } while (byte > 127);
    return byte === undefined ? NaN : value;
  }

  /** The next number that `putSigned` wrote. */
  nextSigned(): number {
    const byte = this.#bytes[this.at++];
    const size = (byte & 63) + (byte > 127 ? 64 * this.next() : 0);
    if (byte === undefined) return NaN;
    return (byte & 64) === 0 ? size : -size;
  }
}

/** Writes a whole number from -2^53 to 2^53: the first byte has its sign in bit 6. Returns the place after it. */
export function putSigned(target: Uint8Array, at: number, value: number): number {
  const size = Math.abs(value);
  const first = (size & 63) | (value < 0 ? 64 : 0);
  if (size < 64) {
    target[at] = first;
    return at + 1;
  }
  target[at] = first | 128;
  return putVarint(target, at + 1, Math.floor(size / 64));
}
