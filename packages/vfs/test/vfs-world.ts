// The package itself as a world: its verbs over a file system.

import {
  KERNEL_DS,
  chdir,
  createVfs,
  filpClose,
  filpOpen,
  fstat,
  ftruncate,
  isFailure,
  kernelBuffer,
  link,
  lstat,
  mkdir,
  pread,
  pwrite,
  readFile,
  readdir,
  readlink,
  rmdir,
  setFs,
  stat,
  symlink,
  unlink,
  vfsFsync,
  vfsRead,
  vfsRename,
  vfsWrite,
} from "@pagelapse/vfs";
import type { Attributes, DirectoryEntry, Failure, FileSystem, OpenFile, Vfs } from "@pagelapse/vfs";
import { bytesOf, describeInode, flagsOf, home, modeOf, textOf } from "./notation.ts";
import type { World } from "./notation.ts";

/** A world in `home` of an empty file system. `end` closes what is open. */
export function vfsWorld(fileSystem: FileSystem): World {
  const vfs = createVfs({ fileSystem });
  setFs(vfs, KERNEL_DS);
  for (const path of ["/w", home]) mkdir(vfs, path, 0o777);
  chdir(vfs, home);
  const files = new Map<string, OpenFile>();
  const never: OpenFile = { inode: 0, handle: 0, flags: 0, position: 0 };
  const file = (slot: string): OpenFile => files.get(slot) ?? never;
  return {
    mkdir: (path, mode = "777") => said(mkdir(vfs, path, modeOf(mode))),
    rmdir: (path) => said(rmdir(vfs, path)),
    readdir: (path) => said(readdir(vfs, path)),
    chdir: (path) => said(chdir(vfs, path)),
    unlink: (path) => said(unlink(vfs, path)),
    link: (path, to) => said(link(vfs, path, to)),
    symlink: (target, path) => said(symlink(vfs, target, path)),
    readlink: (path) => said(readlink(vfs, path)),
    rename: (path, to) => said(vfsRename(vfs, path, to)),
    stat: (path) => described(stat(vfs, path)),
    lstat: (path) => described(lstat(vfs, path)),
    open(slot, path, flags, mode) {
      const opened = filpOpen(vfs, path, flagsOf(flags), modeOf(mode));
      if (isFailure(opened)) return opened.errno;
      if (files.has(slot)) filpClose(vfs, file(slot));
      files.set(slot, opened);
      return "ok";
    },
    close: (slot) => said(filpClose(vfs, file(slot))),
    read(slot, count) {
      const bytes = new Uint8Array(Number(count));
      return moved(vfsRead(vfs, file(slot), kernelBuffer(bytes)), bytes);
    },
    pread(slot, count, position) {
      const bytes = new Uint8Array(Number(count));
      return moved(pread(vfs, file(slot), kernelBuffer(bytes), Number(position)), bytes);
    },
    write: (slot, text) => said(vfsWrite(vfs, file(slot), kernelBuffer(bytesOf(text)))),
    pwrite: (slot, text, position) => said(pwrite(vfs, file(slot), kernelBuffer(bytesOf(text)), Number(position))),
    truncate: (slot, size) => said(ftruncate(vfs, file(slot), Number(size))),
    fsync: (slot) => said(vfsFsync(vfs, file(slot))),
    fstat: (slot) => described(fstat(vfs, file(slot))),
    tree: () => treeOf(vfs, home).join("\n"),
    end() {
      for (const open of vfs.openFiles) filpClose(vfs, open);
      return said(chdir(vfs, "/"));
    },
  };
}

function said(result: Failure | undefined | number | string | readonly DirectoryEntry[]): string {
  if (isFailure(result)) return result.errno;
  if (result === undefined) return "ok";
  return typeof result === "object" ? result.map(({ name, kind }) => `${name}:${kind}`).join(",") || '""' : String(result);
}

function described(result: Attributes | Failure): string {
  return isFailure(result) ? result.errno : describeInode(result.kind, result.linkCount, result.size);
}

function moved(count: number | Failure, bytes: Uint8Array): string {
  return isFailure(count) ? count.errno : textOf(bytes.subarray(0, count));
}

/** Everything below a directory, a line each: path, owner's bits, what it is, what is in it. */
function treeOf(vfs: Vfs, directory: string): readonly string[] {
  const entries = readdir(vfs, directory);
  if (isFailure(entries)) return [`${directory} ${entries.errno}`];
  return entries.flatMap(({ name, kind }) => {
    const path = `${directory}/${name}`;
    const attributes = lstat(vfs, path);
    if (isFailure(attributes)) return [`${path} ${attributes.errno}`];
    const line = `${path} ${(attributes.mode >> 6) & 7} ${described(attributes)}`;
    if (kind === "directory") return [line, ...treeOf(vfs, path)];
    const content = kind === "symlink" ? readlink(vfs, path) : readFile(vfs, path);
    return [`${line} ${isFailure(content) || typeof content === "string" ? said(content) : textOf(content)}`];
  });
}
