// Chunks: the blocks of a trace, of whatever length, made into aligned pieces that begin where the last one was left.

/** A piece of a trace, lent until the next one is asked for. */
export interface TraceChunk {
  /** Two views of one buffer. What stands before `start` and after `end` means nothing. */
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** Indexes of `bytes`. */
  readonly start: number;
  readonly end: number;
  /** Place of `bytes[0]` in the trace: a multiple of 8. */
  readonly offset: number;
}

/** The longest thing that a decoder may want to see whole, in bytes. */
const wholeLimit: number = 2 ** 15;

/**
 * Keeps one buffer, whatever lengths stand in the trace. A decoder leaves what it cannot take yet, at most `wholeLimit`
 * bytes, and finds it again at the beginning of the next chunk. A byte at a place of the trace that is a multiple of 8
 * stands at an index that is one.
 */
export class TraceChunks {
  readonly #chunk: { bytes: Uint8Array; words: Uint32Array; start: number; end: number; offset: number };

  /** `capacity`: bytes of a chunk, a multiple of 8 above twice `wholeLimit`. */
  constructor(capacity: number = 2 ** 20 + 2 * wholeLimit) {
    if (!(capacity % 8 === 0 && capacity > 2 * wholeLimit)) throw new RangeError(`chunks of ${capacity} bytes`);
    const buffer = new ArrayBuffer(capacity);
    this.#chunk = { bytes: new Uint8Array(buffer), words: new Uint32Array(buffer), start: 0, end: 0, offset: 0 };
  }

  /**
   * Takes in the trace's next bytes, and lets `decode` see them chunk by chunk. It returns the index up to which it has
   * taken the chunk; every decoder that shares it stops at the same one.
   */
  feed(block: Uint8Array, decode: (chunk: TraceChunk) => number): void {
    const chunk = this.#chunk;
    for (let done = 0; done < block.length;) {
      const count = Math.min(block.length - done, chunk.bytes.length - chunk.end);
      chunk.bytes.set(count === block.length ? block : block.subarray(done, done + count), chunk.end);
      chunk.end += count;
      done += count;
      this.#leave(decode(chunk));
    }
  }

  /** What was not taken moves to the front, its alignment kept. */
  #leave(from: number): void {
    const chunk = this.#chunk;
    if (chunk.end - from > wholeLimit) throw new RangeError(`a decoder left ${chunk.end - from} bytes`);
    const start = from & 7;
    chunk.bytes.copyWithin(start, from, chunk.end);
    chunk.offset += from - start;
    chunk.end = start + (chunk.end - from);
    chunk.start = start;
  }
}
