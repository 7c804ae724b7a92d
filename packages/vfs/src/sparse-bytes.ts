// The bytes of a file in memory: blocks of 4 KiB where something was written, zeros everywhere else.

/** Bytes of a block. */
export const blockBytes = 4096;

/** Blocks that all files of a file system draw from. */
export interface BlockBudget {
  /** May be infinite. */
  freeBlocks: number;
}

/** A file's bytes. A block is taken from the budget when it is first written, and given back when it is cut off. */
export class SparseBytes {
  readonly #blocks: Map<number, Uint8Array> = new Map();
  readonly #budget: BlockBudget;
  #size = 0;

  constructor(budget: BlockBudget) {
    this.#budget = budget;
  }

  get size(): number {
    return this.#size;
  }

  /** Fills `target` from a position on; returns how many bytes there were. */
  read(position: number, target: Uint8Array): number {
    const byteCount = Math.max(0, Math.min(target.length, this.#size - position));
    eachBlock(position, byteCount, (index, inBlock, done, count) => {
      const block = this.#blocks.get(index);
      if (block === undefined) target.fill(0, done, done + count);
      else target.set(block.subarray(inBlock, inBlock + count), done);
      return true;
    });
    return byteCount;
  }

  /** Writes bytes; returns how many found room. */
  write(position: number, source: Uint8Array): number {
    const written = eachBlock(position, source.length, (index, inBlock, done, count) => {
      const block = this.#blocks.get(index) ?? this.#take(index);
      block?.set(source.subarray(done, done + count), inBlock);
      return block !== undefined;
    });
    if (written > 0) this.#size = Math.max(this.#size, position + written);
    return written;
  }

  /** Cuts, or lengthens with zeros. */
  resize(size: number): void {
    if (size < this.#size) this.#cut(size);
    this.#size = size;
  }

  /** Forgets everything behind a size, so that it reads as zeros when the file grows again. */
  #cut(size: number): void {
    const inLast = size & (blockBytes - 1);
    const last = (size - inLast) / blockBytes;
    this.#blocks.get(last)?.fill(0, inLast);
    for (const index of this.#blocks.keys()) {
      if (index < last || (index === last && inLast > 0)) continue;
      this.#blocks.delete(index);
      this.#budget.freeBlocks++;
    }
  }

  #take(index: number): Uint8Array | undefined {
    if (this.#budget.freeBlocks === 0) return undefined;
    this.#budget.freeBlocks--;
    const block = new Uint8Array(blockBytes);
    this.#blocks.set(index, block);
    return block;
  }
}

/** Calls `part` for each piece of a range that lies in one block, until it returns false; returns the bytes before that. */
function eachBlock(
  position: number,
  byteCount: number,
  part: (index: number, inBlock: number, done: number, count: number) => boolean,
): number {
  let done = 0;
  while (done < byteCount) {
    const inBlock = (position + done) & (blockBytes - 1);
    const count = Math.min(byteCount - done, blockBytes - inBlock);
    if (!part((position + done - inBlock) / blockBytes, inBlock, done, count)) break;
    done += count;
  }
  return done;
}
