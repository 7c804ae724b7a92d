// An image that CRIU wrote, opened: what CRIU says is checked, and it says nothing of the bytes of pages.

import { frameBytes } from "@pagelapse/mmu";
import { isFailure, lstat } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { BadImage } from "../bad-image.ts";
import { treeOf } from "../criu/read-tree.ts";
import type { ReadTree } from "../criu/read-tree.ts";
import { checkTree } from "../image/check-tree.ts";
import { countPages } from "../image/page-maps.ts";
import type { TreeImage } from "../image/tree-image.ts";
import { byteCountOf, expectDirectory, readChecked } from "./checked-file.ts";
import { pathIn } from "./names.ts";
import { RawReader } from "./page-readers.ts";
import { OpenedImage } from "./stored-image.ts";
import type { OpenedPages, StoredImage } from "./stored-image.ts";

/** Files of CRIU's that are longer are not read. */
const fileByteLimit: number = 2 ** 26;

/**
 * Opens a directory that CRIU's `dump` wrote, as a full image numbered 1 by the strategy `criu`. Files that matter nothing to memory
 * may stand there. Nobody can tell whether the bytes of a page are those that were dumped. Throws `BadImage`, also for pages
 * that are in a parent image of CRIU's.
 */
export function openCriuImage(vfs: Vfs, path: string): StoredImage {
  expectDirectory(vfs, path);
  const { pagesFiles, ...tree } = located(path, () => treeOf((name) => fileIn(vfs, path, name)));
  const image = imageOf(path, tree);
  let first = 0;
  const files = pagesFiles.map(({ name, runs }): OpenedPages["files"][number] => {
    const pageCount = countPages(runs);
    const file = { name, path: pathIn(path, name), first, pageCount, byteCount: pageCount * frameBytes };
    first += pageCount;
    const found = pageCount === 0 ? 0 : byteCountOf(vfs, file.path);
    if (found !== file.byteCount)
      throw new BadImage(file.path, Math.min(found, file.byteCount), `${file.byteCount} bytes`, `${found}`);
    return { ...file, reader: new RawReader(vfs, file) };
  });
  const byteCount = files.reduce((sum, file) => sum + file.byteCount, 0);
  return new OpenedImage(
    { image, path, digest: "", encoding: "raw", pageCount: first, byteCount },
    { files, checksums: undefined },
  );
}

function imageOf(path: string, { architecture, processes, shared }: Omit<ReadTree, "pagesFiles">): TreeImage {
  const image: TreeImage = {
    sequence: 1,
    parent: undefined,
    strategy: "criu",
    architecture,
    moment: 0,
    processes: processes.map((process) => ({ ...process, checkCount: 0 })),
    shared,
  };
  checkTree(pathIn(path, "pstree.img"), image);
  return image;
}

/** The bytes of a file, if it is there. */
function fileIn(vfs: Vfs, path: string, name: string): Uint8Array | undefined {
  const file = pathIn(path, name);
  const attributes = lstat(vfs, file);
  if (isFailure(attributes) && attributes.errno === "ENOENT") return undefined;
  const byteCount = byteCountOf(vfs, file);
  if (byteCount > fileByteLimit) throw new BadImage(name, fileByteLimit, `at most ${fileByteLimit} bytes`, `${byteCount}`);
  return readChecked(vfs, file, byteCount);
}

/** Complaints about CRIU's files name them alone: their directory is put before. */
function located<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof BadImage) || error.file.startsWith(`${path}/`)) throw error;
    throw new BadImage(pathIn(path, error.file), error.offset, error.expected, error.found);
  }
}
