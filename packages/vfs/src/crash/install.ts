// An image made a file system again, as a disk is mounted after a crash.

import { isFailure } from "../errno.ts";
import type { Failure } from "../errno.ts";
import type { FileSystem, Handle, InodeNumber } from "../file-system.ts";
import { O_RDWR } from "../open-flags.ts";
import { blockBytes as spaceUnit } from "../sparse-bytes.ts";
import { reachableNames, rootInode } from "./image.ts";
import type { Image, ImageFile, ReachableName } from "./image.ts";

/** Makes in an empty file system all that an image's root leads to. Throws if it does not fit. */
export function install(image: Image, blockBytes: number, target: FileSystem): void {
  const made = new Map<InodeNumber, InodeNumber>([[rootInode, target.root]]);
  for (const entry of reachableNames(image)) {
    const directory = made.get(entry.directory) ?? target.root;
    const known = made.get(entry.inode);
    if (known === undefined) made.set(entry.inode, make(target, directory, entry, blockBytes));
    else done(target.link(known, directory, entry.name));
  }
}

/** Writes all bytes, in as many writes as it takes; returns how many found room. */
export function writeWhole(target: FileSystem, handle: Handle, position: number, bytes: Uint8Array): number {
  let written = 0;
  while (written < bytes.length) {
    const count = target.write(handle, position + written, bytes.subarray(written));
    if (isFailure(count) || count === 0) break;
    written += count;
  }
  return written;
}

/** How much an image takes: names that a crash brings back may need more than there was. */
export function spaceOf(image: Image, blockBytes: number): { readonly bytes: number; readonly inodes: number } {
  const nodes = new Map(Array.from(reachableNames(image), ({ inode, node }) => [inode, node]));
  let bytes = 0;
  for (const node of nodes.values()) {
    if (node.kind !== "file") continue;
    const units = Array.from(visibleBlocks(node, blockBytes), ([position]) => Math.floor(position / spaceUnit));
    bytes += new Set(units).size * spaceUnit;
  }
  return { bytes, inodes: nodes.size + 1 };
}

/** The blocks of a file that were written, by where they begin, cut off at its end. */
export function* visibleBlocks(file: ImageFile, blockBytes: number): Generator<readonly [position: number, bytes: Uint8Array]> {
  for (const [block, bytes] of file.blocks) {
    const position = block * blockBytes;
    if (position < file.size) yield [position, bytes.subarray(0, file.size - position)];
  }
}

function make(target: FileSystem, directory: InodeNumber, { name, node }: ReachableName, blockBytes: number): InodeNumber {
  if (node.kind === "directory") done(target.mkdir(directory, name, node.mode));
  else if (node.kind === "symlink") done(target.symlink(directory, name, node.target));
  else {
    const { inode, handle } = done(target.create(directory, name, node.mode, O_RDWR));
    for (const [position, bytes] of visibleBlocks(node, blockBytes))
      if (writeWhole(target, handle, position, bytes) < bytes.length) throw new RangeError(`no room for inode ${inode}`);
    done(target.truncate(handle, node.size));
    done(target.close(handle));
    return inode;
  }
  return done(target.lookup(directory, name));
}

function done<Result>(result: Result | Failure): Result {
  if (isFailure(result)) throw new RangeError(`the image does not fit: ${result.errno}`);
  return result;
}
