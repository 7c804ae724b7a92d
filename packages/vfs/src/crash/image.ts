// What a disk holds: inodes by number, each an immutable value, and the names by which the root leads to them.

import type { InodeNumber } from "../file-system.ts";

/** All inodes of a disk, those that no name leads to among them. */
export type Image = ReadonlyMap<InodeNumber, ImageInode>;

/** One inode. There are no link counts: names are counted when somebody wants to know. */
export type ImageInode = ImageFile | ImageDirectory | ImageSymlink;

/** A file. */
export interface ImageFile {
  readonly kind: "file";
  readonly mode: number;
  readonly size: number;
  /** Whole blocks by their index, those beyond the size too; one that is absent was never written and reads as zeros. */
  readonly blocks: ReadonlyMap<number, Uint8Array>;
}

/** A directory. */
export interface ImageDirectory {
  readonly kind: "directory";
  readonly mode: number;
  readonly entries: ReadonlyMap<string, InodeNumber>;
}

/** A symlink. */
interface ImageSymlink {
  readonly kind: "symlink";
  readonly mode: number;
  readonly target: string;
}

/** The root of every image. */
export const rootInode: InodeNumber = 1;

/** A disk with nothing but its root. */
export const emptyImage: Image = new Map([[rootInode, { kind: "directory", mode: 0o755, entries: new Map() }]]);

/** One name that the root leads to. */
export interface ReachableName {
  readonly directory: InodeNumber;
  readonly name: string;
  readonly inode: InodeNumber;
  readonly node: ImageInode;
}

/**
 * Every name that the root leads to, a directory before what is in it, names in the order of their characters' codes. A
 * crash in the middle of a rename can leave a directory under two names, were it inside itself: the first one met is its
 * name, as a check of the file system would have it.
 */
export function* reachableNames(image: Image): Generator<ReachableName> {
  const entered = new Set([rootInode]);
  for (const directory of entered) {
    for (const [name, inode] of [...directoryIn(image, directory).entries].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const node = image.get(inode);
      if (node === undefined || entered.has(inode)) continue;
      if (node.kind === "directory") entered.add(inode);
      yield { directory, name, inode, node };
    }
  }
}

/** A file of an image. Throws if there is none of that number. */
export function fileIn(image: Image, inode: InodeNumber): ImageFile {
  const node = image.get(inode);
  if (node?.kind !== "file") throw new RangeError(`inode ${inode} is ${node?.kind ?? "unknown"}, not a file`);
  return node;
}

/** A directory of an image. Throws if there is none of that number. */
export function directoryIn(image: Image, inode: InodeNumber): ImageDirectory {
  const node = image.get(inode);
  if (node?.kind !== "directory") throw new RangeError(`inode ${inode} is ${node?.kind ?? "unknown"}, not a directory`);
  return node;
}
