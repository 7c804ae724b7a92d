// Bytes that wait for the end of their segment, in pieces of memory that are used again for the next.

/** Bytes of a piece, unless something longer is added. */
const pieceBytes = 2 ** 20;

/** Takes bytes, and gives all of them back in the order in which they came. */
export class WaitingBytes {
  #pieces: Uint8Array[] = [];
  /** How much of each piece is in use; of those after the last nothing is. */
  #used: number[] = [];
  byteCount = 0;

  /** Adds a copy of these bytes. */
  add(bytes: Uint8Array): void {
    let last = this.#used.length - 1;
    if (last < 0 || this.#used[last] + bytes.length > this.#pieces[last].length) {
      last = this.#used.push(0) - 1;
      if ((this.#pieces[last]?.length ?? 0) < bytes.length)
        this.#pieces[last] = new Uint8Array(Math.max(pieceBytes, bytes.length));
    }
    this.#pieces[last].set(bytes, this.#used[last]);
    this.#used[last] += bytes.length;
    this.byteCount += bytes.length;
  }

  /** All of them, lent until more are added. */
  get pieces(): readonly Uint8Array[] {
    return this.#used.map((used, index) => this.#pieces[index].subarray(0, used));
  }

  /** Forgets all. Pieces that this segment did without are given up. */
  clear(): void {
    this.#pieces.length = this.#used.length;
    this.#used = [];
    this.byteCount = 0;
  }
}
