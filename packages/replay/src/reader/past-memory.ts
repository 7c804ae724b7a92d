// Physical memory at a moment of the past: the frames at hand, and word of those that are not.

import { AbsentFrame, frameBytes } from "@pagelapse/mmu";
import type { PhysicalMemory } from "@pagelapse/mmu";

/** Thrown to end a run whose outcome is dropped anyway. Only `PastMemory` knows of it. */
class Dropped extends Error {}

/** Words that a run may read after the first frame that was not there: enough for many walks, and an end to every loop. */
const guessLimit = 2 ** 16;

/**
 * Frames that were fetched. A frame that was not throws `AbsentFrame`, but for a reader that `attempt` runs: for it such frames
 * are zeros, so that one run tells of many; its outcome is dropped.
 */
export class PastMemory implements PhysicalMemory {
  readonly frameCount: number;
  readonly #words = new Map<number, Uint32Array>();
  readonly #missed = new Set<number>();
  #runs: "attempt" | "alone" = "alone";
  #guesses = 0;
  #lastFrame = -1;
  #lastWords: Uint32Array = new Uint32Array(0);

  constructor(frameCount: number) {
    this.frameCount = frameCount;
  }

  /** Whether a frame is at hand. */
  has(pfn: number): boolean {
    return this.#words.has(pfn);
  }

  /** Puts a frame's words at hand, which nobody writes to any more. */
  put(pfn: number, words: Uint32Array): void {
    this.#words.set(pfn, words);
  }

  readWord(paddr: number): number {
    const pfn = paddr >>> 12;
    const words = pfn === this.#lastFrame ? this.#lastWords : this.#wordsOf(pfn);
    return words[(paddr & (frameBytes - 1)) >>> 2];
  }

  read(paddr: number, target: Uint8Array): void {
    const words = this.#wordsOf(paddr >>> 12);
    const start = paddr & (frameBytes - 1);
    target.set(new Uint8Array(words.buffer, words.byteOffset + start, target.length));
  }

  /** Runs a reader: what it returns or throws is done with `missed` empty, and else to be dropped. */
  attempt<Result>(reader: () => Result): { readonly missed: readonly number[]; readonly finish: () => Result } {
    this.#missed.clear();
    this.#guesses = 0;
    this.#runs = "attempt";
    let finish: () => Result;
    try {
      const result = reader();
      finish = () => result;
    } catch (reason) {
      finish = () => {
        throw reason;
      };
    } finally {
      this.#runs = "alone";
    }
    return { missed: [...this.#missed], finish };
  }

  #wordsOf(pfn: number): Uint32Array {
    const words = this.#words.get(pfn);
    if (words !== undefined) {
      this.#lastFrame = pfn;
      this.#lastWords = words;
      return words;
    }
    if (this.#runs === "alone" || pfn >= this.frameCount) throw new AbsentFrame(pfn);
    this.#missed.add(pfn);
    if (++this.#guesses > guessLimit) throw new Dropped();
    return zeros;
  }
}

const zeros = new Uint32Array(frameBytes / 4);
