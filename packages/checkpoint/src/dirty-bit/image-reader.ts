// A place in a file of which nothing is believed yet, moving on as values are read and checked.

import { BadImage } from "../bad-image.ts";
import { checksumBytes, none } from "./image.ts";

/** Reads little-endian values one after another. Every method throws `BadImage` rather than read what is not there. */
export class ImageReader {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Offset of the next value. */
  at = 0;
  readonly #view: DataView;

  constructor(file: string, bytes: Uint8Array) {
    this.file = file;
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Refuses the value that was just read, `byteCount` bytes long, unless the condition holds. */
  expect(condition: boolean, byteCount: number, expected: string, found: string): void {
    if (!condition) throw new BadImage(this.file, this.at - byteCount, expected, found);
  }

  word(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at, true);
  }

  /** The word at an offset that is known to lie in the file. */
  wordAt(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  double(): number {
    const at = this.#take(8);
    return this.#view.getFloat64(at, true);
  }

  /** A word that says "none" with all its bits. */
  optionalWord(): number | undefined {
    const word = this.word();
    return word === none ? undefined : word;
  }

  below(limit: number, what: string): number {
    const word = this.word();
    this.expect(word < limit, 4, `${what} below ${limit}`, `${word}`);
    return word;
  }

  /** How many things of at least `byteCount` bytes follow, all of which must fit. */
  count(byteCount: number, what: string): number {
    const word = this.word();
    const most = Math.floor(this.bytes.length / byteCount);
    this.expect(word <= most, 4, `at most ${most} ${what} in ${this.bytes.length} bytes`, `${word}`);
    return word;
  }

  integer(what: string): number {
    const value = this.double();
    this.expect(Number.isInteger(value) && !Object.is(value, -0), 8, `${what} that is an integer`, `${value}`);
    return value;
  }

  /** An address from 0 to `limit`, itself allowed, and a multiple of `alignment`, a power of two. */
  address(limit: number, what: string, alignment = 1): number {
    const value = this.integer(what);
    this.expect(value >= 0 && value <= limit, 8, `${what} from 0 to ${limit}`, `${value}`);
    this.expect((value & (alignment - 1)) === 0, 8, `${what} at a multiple of ${alignment}`, `${value}`);
    return value;
  }

  /** That many bytes of UTF-8. */
  text(byteCount: number): string {
    const at = this.#take(byteCount);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.bytes.subarray(at, at + byteCount));
    } catch {
      throw new BadImage(this.file, at, `${byteCount} bytes of UTF-8`, "others");
    }
  }

  /** Zeros up to a multiple of 8. */
  padding(): void {
    while ((this.at & 7) !== 0) {
      const byte = this.bytes[this.#take(1)];
      this.expect(byte === 0, 1, "a zero", `${byte}`);
    }
  }

  /** Refuses a file that does not end there. */
  expectEnd(end: number): void {
    this.expect(end === this.bytes.length, 0, `pages up to byte ${end}`, `a file of ${this.bytes.length} bytes`);
  }

  #take(byteCount: number): number {
    const at = this.at;
    const left = this.bytes.length - checksumBytes - at;
    this.expect(byteCount <= left, 0, `${byteCount} bytes`, `${left} before the checksum`);
    this.at = at + byteCount;
    return at;
  }
}
