// Operations that reach the disk, one after the other.

import type { InodeNumber } from "../file-system.ts";
import { directoryIn, fileIn } from "./image.ts";
import type { Image, ImageInode } from "./image.ts";
import type { Operation } from "./operation.ts";

/** The image after these operations. What the first image holds stays as it is. */
export function apply(image: Image, operations: readonly Pick<Operation, "change">[]): Image {
  const sizes = new Map<InodeNumber, number>();
  const blocks = new Map<InodeNumber, Map<number, Uint8Array>>();
  const entries = new Map<InodeNumber, Map<string, InodeNumber>>();
  const blocksOf = (inode: InodeNumber): Map<number, Uint8Array> => copyOnce(blocks, inode, () => fileIn(image, inode).blocks);
  for (const { change } of operations) {
    if (change.kind === "size") sizes.set(change.inode, change.size);
    else if (change.kind === "data") blocksOf(change.inode).set(change.block, change.bytes);
    else if (change.kind === "drop") blocksOf(change.inode).delete(change.block);
    else
      for (const { directory, name, inode } of change.entries) {
        const names = copyOnce(entries, directory, () => directoryIn(image, directory).entries);
        if (inode === undefined) names.delete(name);
        else names.set(name, inode);
      }
  }
  const inodes = new Map<InodeNumber, ImageInode>(image);
  for (const [inode, size] of sizes) inodes.set(inode, { ...fileIn(inodes, inode), size });
  for (const [inode, changed] of blocks) inodes.set(inode, { ...fileIn(inodes, inode), blocks: changed });
  for (const [inode, changed] of entries) inodes.set(inode, { ...directoryIn(inodes, inode), entries: changed });
  return inodes;
}

function copyOnce<Key, Value>(
  copies: Map<InodeNumber, Map<Key, Value>>,
  inode: InodeNumber,
  original: () => ReadonlyMap<Key, Value>,
): Map<Key, Value> {
  let copy = copies.get(inode);
  if (copy === undefined) copies.set(inode, (copy = new Map(original())));
  return copy;
}
