// Bytes put down at rising offsets, in pieces of at most 1 MiB; zeros are left out.

/** Takes a piece of a file: `bytes` are lent while the call runs. */
export type PutPiece = (offset: number, bytes: Uint8Array) => void;

const pieceBytes = 2 ** 20;

/** Gathers what lies side by side. */
export class SparseWriter {
  readonly #put: PutPiece;
  readonly #piece = new Uint8Array(pieceBytes);
  #offset = 0;
  #byteCount = 0;

  constructor(put: PutPiece) {
    this.#put = put;
  }

  /** Puts bytes down at an offset at which or after which nothing was put yet. Where all of them are zeros, a gap stands for them. */
  write(offset: number, bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; from += blockBytes) {
      const block = bytes.subarray(from, from + blockBytes);
      if (block.some((byte) => byte !== 0)) this.#add(offset + from, block);
    }
  }

  /** Puts down what is left. */
  flush(): void {
    if (this.#byteCount > 0) this.#put(this.#offset, this.#piece.subarray(0, this.#byteCount));
    this.#byteCount = 0;
  }

  #add(offset: number, block: Uint8Array): void {
    if (offset !== this.#offset + this.#byteCount || this.#byteCount + block.length > pieceBytes) this.flush();
    if (this.#byteCount === 0) this.#offset = offset;
    this.#piece.set(block, this.#byteCount);
    this.#byteCount += block.length;
  }
}

/** What file systems leave a gap for. */
const blockBytes = 4096;
