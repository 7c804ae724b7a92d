// The bytes of DATA pages read back, in each of the ways in which they are kept.

import { frameBytes } from "@pagelapse/mmu";
import type { Vfs } from "@pagelapse/vfs";
import { BadImage } from "../bad-image.ts";
import type { Codec } from "../image/codec.ts";
import { crc32c } from "../image/crc32c.ts";
import { blockPages, entryBytes, lineBytes } from "../image/image-files.ts";
import type { PageFile } from "../image/image-files.ts";
import { FileWindow, readAt } from "./checked-file.ts";

/** The pages of one file. Every method throws `BadImage` where the file is not what it was. */
export interface PageReader {
  /** Fills `target` with a page of the file; where lines are missing, `target` keeps what it has. */
  read(index: number, target: Uint8Array): void;
  /** Whether all of a page stands here, and nothing of it comes from the parent. */
  isWhole(index: number): boolean;
  /** Where in the file the bytes of a page begin, or those of the block that it is in. */
  positionOf(index: number): number;
}

/** A file of pages, where it stands, and how long it is. */
export interface PageFileAt extends PageFile {
  readonly path: string;
  readonly byteCount: number;
}

/** Whole pages. */
export class RawReader implements PageReader {
  readonly #window: FileWindow;

  constructor(vfs: Vfs, { path, byteCount }: PageFileAt) {
    this.#window = new FileWindow(vfs, path, byteCount);
  }

  read(index: number, target: Uint8Array): void {
    this.#window.read(this.positionOf(index), target);
  }

  isWhole(): boolean {
    return true;
  }

  positionOf(index: number): number {
    return index * frameBytes;
  }
}

const linesOfPage = frameBytes / lineBytes;

/** Lines over the parent's pages. */
export class LineReader implements PageReader {
  readonly #window: FileWindow;
  readonly #masks: Uint8Array;
  /** How many lines stand before those of each page, and after the last how many there are. */
  readonly #before: Uint32Array;
  readonly #lines: Uint8Array = new Uint8Array(frameBytes);

  /** Throws `BadImage` where the file is not as long as its masks say. */
  constructor(vfs: Vfs, { path, byteCount, pageCount }: PageFileAt) {
    this.#window = new FileWindow(vfs, path, byteCount);
    this.#masks = new Uint8Array(pageCount * entryBytes);
    readAt(vfs, path, 0, this.#masks);
    this.#before = new Uint32Array(pageCount + 1);
    for (let index = 0; index < pageCount; index++) {
      let count = 0;
      for (let byte = index * entryBytes; byte < (index + 1) * entryBytes; byte++) count += bitsSet(this.#masks[byte]);
      this.#before[index + 1] = this.#before[index] + count;
    }
    const expected = this.#masks.length + this.#before[pageCount] * lineBytes;
    if (byteCount !== expected) throw new BadImage(path, 0, `masks of ${byteCount} bytes in all`, `${expected}`);
  }

  read(index: number, target: Uint8Array): void {
    const lines = this.#lines.subarray(0, (this.#before[index + 1] - this.#before[index]) * lineBytes);
    this.#window.read(this.positionOf(index), lines);
    for (let line = 0, from = 0; line < linesOfPage; line++) {
      if ((this.#masks[index * entryBytes + (line >> 3)] & (1 << (line & 7))) === 0) continue;
      target.set(lines.subarray(from, from + lineBytes), line * lineBytes);
      from += lineBytes;
    }
  }

  isWhole(index: number): boolean {
    return this.#before[index + 1] - this.#before[index] === linesOfPage;
  }

  positionOf(index: number): number {
    return this.#masks.length + this.#before[index] * lineBytes;
  }
}

function bitsSet(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The most bytes that a block is believed to be compressed to: twice its pages. */
const blockLimit = 2 * blockPages * frameBytes;

/** Blocks of compressed pages. */
export class CompressedReader implements PageReader {
  readonly #vfs: Vfs;
  readonly #file: PageFileAt;
  readonly #codec: Codec;
  readonly #entries: DataView;
  /** Where each block begins, and after the last where the file ends. */
  readonly #starts: Float64Array;
  #block: Uint8Array = new Uint8Array(0);
  /** The number of the block that was read last. */
  #number = -1;

  /** Throws `BadImage` where the file is not as long as its table says. */
  constructor(vfs: Vfs, file: PageFileAt, codec: Codec) {
    this.#vfs = vfs;
    this.#file = file;
    this.#codec = codec;
    const { path, byteCount, pageCount } = file;
    const blockCount = Math.ceil(pageCount / blockPages);
    const table = new Uint8Array(blockCount * entryBytes);
    readAt(vfs, path, 0, table);
    this.#entries = new DataView(table.buffer);
    this.#starts = new Float64Array(blockCount + 1).fill(table.length);
    for (let block = 0; block < blockCount; block++) {
      const length = this.#entries.getUint32(block * entryBytes, true);
      if (length > blockLimit)
        throw new BadImage(path, block * entryBytes, `a block of at most ${blockLimit} bytes`, `${length}`);
      this.#starts[block + 1] = this.#starts[block] + length;
    }
    if (byteCount !== this.#starts[blockCount])
      throw new BadImage(path, 0, `blocks of ${byteCount} bytes in all`, `${this.#starts[blockCount]}`);
  }

  read(index: number, target: Uint8Array): void {
    const number = Math.floor(index / blockPages);
    if (number !== this.#number) this.#readBlock(number);
    const at = (index - number * blockPages) * frameBytes;
    target.set(this.#block.subarray(at, at + frameBytes));
    if (index + 1 === this.#file.pageCount) this.#forget();
  }

  /** At the end of the file: many files may be open, and few are read at once. */
  #forget(): void {
    this.#block = new Uint8Array(0);
    this.#number = -1;
  }

  isWhole(): boolean {
    return true;
  }

  positionOf(index: number): number {
    return this.#starts[Math.floor(index / blockPages)];
  }

  #readBlock(number: number): void {
    const { path, pageCount } = this.#file;
    const at = this.#starts[number];
    const compressed = new Uint8Array(this.#starts[number + 1] - at);
    readAt(this.#vfs, path, at, compressed);
    const expected = this.#entries.getUint32(number * entryBytes + 4, true);
    const found = crc32c(compressed);
    if (found !== expected)
      throw new BadImage(path, at, `a block with the checksum ${expected.toString(16)}`, found.toString(16));
    const byteCount = Math.min(blockPages, pageCount - number * blockPages) * frameBytes;
    this.#number = -1;
    this.#block = this.#decompress(compressed, byteCount, at);
    this.#number = number;
  }

  #decompress(compressed: Uint8Array, byteCount: number, at: number): Uint8Array {
    let block: Uint8Array;
    try {
      block = this.#codec.decompress(compressed, byteCount);
    } catch {
      throw new BadImage(this.#file.path, at, `${byteCount} bytes compressed by ${this.#codec.name}`, "others");
    }
    if (block.length === byteCount) return block;
    throw new BadImage(this.#file.path, at, `a block of ${byteCount} bytes`, `${block.length}`);
  }
}
