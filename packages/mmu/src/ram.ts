// The live physical memory: one fixed buffer, committed by the host as it is touched.

import { frameBytes } from "./physical-memory.ts";
import type { PhysicalMemory } from "./physical-memory.ts";

/** RAM of up to 4 GiB. It begins as zeros. */
export class Ram implements PhysicalMemory {
  readonly frameCount: number;
  readonly bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #view: DataView;

  /** Throws a `RangeError` unless there are 4 to 2^20 frames, and on a host that is not little-endian. */
  constructor(frameCount: number) {
    if (!(Number.isInteger(frameCount) && frameCount >= 4 && frameCount <= 2 ** 20)) {
      throw new RangeError(`RAM of ${frameCount} frames: expected 4 to 1048576`);
    }
    const buffer = new ArrayBuffer(frameCount * frameBytes);
    this.frameCount = frameCount;
    this.bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#view = new DataView(buffer);
    this.#view.setUint32(0, 1, true);
    if (this.#words[0] !== 1) throw new RangeError("the host is not little-endian");
    this.#words[0] = 0;
  }

  readWord(paddr: number): number {
    return this.#words[paddr >>> 2];
  }

  read(paddr: number, target: Uint8Array): void {
    target.set(this.bytes.subarray(paddr, paddr + target.length));
  }

  /** Writes one aligned word. */
  writeWord(paddr: number, value: number): void {
    this.#words[paddr >>> 2] = value;
  }

  /** Writes the `size` bytes that begin at `words[at]`: what every memory fact comes to, live and in a replay. */
  write(paddr: number, words: Uint32Array, at: number, size: number): void {
    const view = this.#view;
    if (size === 8) {
      view.setUint32(paddr, words[at], true);
      view.setUint32(paddr + 4, words[at + 1], true);
    } else if (size === 4) {
      view.setUint32(paddr, words[at], true);
    } else if (size === 1) {
      view.setUint8(paddr, words[at]);
    } else if (size === 2) {
      view.setUint16(paddr, words[at], true);
    } else {
      for (let i = 0; i < size; i++) view.setUint8(paddr + i, words[at + (i >>> 2)] >>> ((i & 3) * 8));
    }
  }

  /** The bytes of a frame: a view, for who writes whole frames. */
  frame(pfn: number): Uint8Array {
    const start = pfn * frameBytes;
    return this.bytes.subarray(start, start + frameBytes);
  }
}
