// What the calls that change a file leave in the page cache for the disk: blocks and sizes.

import type { Handle, InodeNumber } from "../file-system.ts";
import type { MemoryFileSystem } from "../memory-file-system.ts";
import { dataChange, dropChange, sizeChange } from "./operation.ts";
import type { Change } from "./operation.ts";

/** An open file of the live file system, and how its pages are cut. */
export interface CachedFile {
  readonly live: MemoryFileSystem;
  readonly handle: Handle;
  readonly inode: InodeNumber;
  readonly blockBytes: number;
}

/** Bytes that a write put into a file, and its size before. */
export interface Written {
  readonly start: number;
  readonly end: number;
  readonly sizeBefore: number;
  readonly growth: "once" | "block-by-block";
}

/** The blocks that a write changed, each before the size that shows it. */
export function changesOfWrite(file: CachedFile, written: Written): readonly Change[] {
  const { blockBytes, inode } = file;
  const { start, end, growth } = written;
  const changes: Change[] = [];
  let size = written.sizeBefore;
  const grow = (reached: number): void => {
    if (reached > size) changes.push(sizeChange(inode, size, reached));
    size = Math.max(size, reached);
  };
  for (let block = Math.floor(start / blockBytes); block * blockBytes < end; block++) {
    const base = block * blockBytes;
    const until = Math.min(end - base, blockBytes);
    changes.push(dataChange(inode, block, cached(file, block), Math.max(0, start - base), until));
    if (growth === "block-by-block") grow(base + until);
  }
  grow(end);
  return changes;
}

/** The size, and of the blocks ever written those behind it: the last one ends in zeros now, the others go. */
export function changesOfCut(file: CachedFile, from: number, size: number, blocks: Iterable<number>): readonly Change[] {
  const { blockBytes, inode } = file;
  const behind = [...new Set(blocks)].filter((block) => (block + 1) * blockBytes > size).toSorted((a, b) => a - b);
  return [
    sizeChange(inode, from, size),
    ...behind.map((block) => {
      const kept = size - block * blockBytes;
      return kept > 0 ? dataChange(inode, block, cached(file, block), kept, blockBytes) : dropChange(inode, block);
    }),
  ];
}

/** A block as the page cache has it; behind the end of the file are zeros. */
function cached({ live, handle, blockBytes }: CachedFile, block: number): Uint8Array {
  const bytes = new Uint8Array(blockBytes);
  live.read(handle, block * blockBytes, bytes);
  return bytes;
}
