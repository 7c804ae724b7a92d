// The commit of an image: nobody sees it before all of it is durable, and nobody is told before everybody will see it.

import { isFailure, lstat, mkdir, symlink, vfsRename } from "@pagelapse/vfs";
import type { Failure, Vfs } from "@pagelapse/vfs";
import { filesOf } from "../criu/tree-files.ts";
import { checkTree } from "../image/check-tree.ts";
import { digestOf } from "../image/digest.ts";
import { checksumsName, parentName } from "../image/image-files.ts";
import { encodeManifest, manifestByteLimit, manifestName } from "../image/manifest.ts";
import type { FileEntry } from "../image/manifest.ts";
import type { PageWriter } from "../image/page-writer.ts";
import type { TreeImage } from "../image/tree-image.ts";
import type { CommitResult, NotCommitted } from "./commit-result.ts";
import { imageName, pathIn, temporaryName } from "./names.ts";
import { syncDirectory, writeNewFile } from "./new-file.ts";
import { putPages } from "./put-pages.ts";
import { removeDirectory } from "./remove-directory.ts";

/**
 * Writes the files of an image into `.tmp-SEQ-NONCE`, the manifest last, each made durable as it is written; makes the names in
 * there durable; renames the directory to `image-SEQ`, which must not exist; makes that name durable. Until then nothing is
 * promised, and nothing is ever made durable by a second try: after a failed fsync a file may be lost though the next one succeeds.
 * Throws `BadImage` for a tree that no reader would believe, and what `pages` throws, with nothing left behind.
 */
export function commitImage(vfs: Vfs, directory: string, image: TreeImage, pages: PageWriter): CommitResult {
  const path = pathIn(directory, imageName(image.sequence));
  checkTree(path, image);
  const standing = lstat(vfs, path);
  if (!isFailure(standing)) return { kind: "failed", path, reason: "EEXIST" };
  if (standing.errno !== "ENOENT") return { kind: "failed", path, reason: standing.errno };

  const temporary = makeTemporary(vfs, directory, image.sequence);
  if (typeof temporary !== "string") return temporary;
  const written = writeImage(vfs, temporary, image, pages);
  if ("kind" in written) {
    removeDirectory(vfs, temporary);
    return written;
  }
  const renamed = vfsRename(vfs, temporary, path);
  if (renamed !== undefined) return afterFailedRename(vfs, temporary, path, renamed);
  const synced = syncDirectory(vfs, directory);
  if (synced !== undefined) return { kind: "indeterminate", path, reason: synced.errno };
  return { kind: "committed", path, ...written };
}

/** So many temporaries of one sequence are no longer the traces of failures. */
const nonceLimit = 1000;

function makeTemporary(vfs: Vfs, directory: string, sequence: number): string | NotCommitted {
  for (let nonce = 0; nonce < nonceLimit; nonce++) {
    const path = pathIn(directory, temporaryName(sequence, nonce));
    const failed = mkdir(vfs, path, 0o755);
    if (failed === undefined) return path;
    if (failed.errno !== "EEXIST") return { kind: "failed", path, reason: failed.errno };
  }
  return { kind: "failed", path: pathIn(directory, temporaryName(sequence, nonceLimit)), reason: "EEXIST" };
}

interface Written {
  readonly digest: string;
  readonly byteCount: number;
}

function writeImage(vfs: Vfs, directory: string, image: TreeImage, pages: PageWriter): Written | NotCommitted {
  try {
    return writeFiles(vfs, directory, image, pages);
  } catch (error) {
    removeDirectory(vfs, directory);
    throw error;
  }
}

function writeFiles(vfs: Vfs, directory: string, image: TreeImage, pages: PageWriter): Written | NotCommitted {
  const files: FileEntry[] = [];
  const write = (name: string, bytes: Uint8Array): NotCommitted | undefined => {
    const path = pathIn(directory, name);
    const failed = writeNewFile(vfs, path, (put) => put(bytes, 0));
    files.push({ name, byteCount: bytes.length, digest: digestOf(bytes) });
    return failed && { kind: "failed", path, reason: failed.errno };
  };
  for (const { name, bytes } of filesOf(image)) {
    const failed = write(name, bytes);
    if (failed !== undefined) return failed;
  }
  const put = putPages(vfs, directory, image, pages);
  if ("kind" in put) return put;
  files.push(...put.files);
  const failed = write(checksumsName, put.checksums) ?? linkParent(vfs, directory, image);
  if (failed !== undefined) return failed;

  const codec = pages.encoding === "compressed" ? pages.codec.name : undefined;
  const manifest = encodeManifest({ image, pages: { encoding: pages.encoding, codec }, files: [...files] });
  if (manifest.length > manifestByteLimit) return { kind: "failed", path: pathIn(directory, manifestName), reason: "EFBIG" };
  const unwritten = write(manifestName, manifest);
  if (unwritten !== undefined) return unwritten;
  const synced = syncDirectory(vfs, directory);
  if (synced !== undefined) return { kind: "failed", path: directory, reason: synced.errno };
  return { digest: digestOf(manifest), byteCount: files.reduce((sum, { byteCount }) => sum + byteCount, 0) };
}

/** For CRIU, which looks for PARENT pages there. */
function linkParent(vfs: Vfs, directory: string, { parent }: TreeImage): NotCommitted | undefined {
  if (parent === undefined) return undefined;
  const path = pathIn(directory, parentName);
  const failed = symlink(vfs, `../${imageName(parent.sequence)}`, path);
  return failed && { kind: "failed", path, reason: failed.errno };
}

/** A rename that fails may have happened all the same: then the temporary is gone. */
function afterFailedRename(vfs: Vfs, temporary: string, path: string, { errno }: Failure): NotCommitted {
  const left = lstat(vfs, temporary);
  if (isFailure(left)) return { kind: "indeterminate", path, reason: errno };
  removeDirectory(vfs, temporary);
  return { kind: "failed", path, reason: errno };
}
