// What is known of a file.

import type { Failure } from "./errno.ts";
import type { Attributes } from "./file-system.ts";
import { outcome } from "./observer.ts";
import { refuseClosed } from "./open-file.ts";
import type { OpenFile } from "./open-file.ts";
import { walk } from "./path-walk.ts";
import type { Vfs } from "./vfs.ts";

/** Attributes of what a path leads to, symlinks followed. stat(2). */
export function stat(vfs: Vfs, path: string): Attributes | Failure {
  const result = walk(vfs, path, "follow");
  vfs.observer?.({ operation: "stat", path, ...outcome(result) });
  return result;
}

/** Attributes of what a path names, were it a symlink. lstat(2). */
export function lstat(vfs: Vfs, path: string): Attributes | Failure {
  const result = walk(vfs, path, "keep");
  vfs.observer?.({ operation: "lstat", path, ...outcome(result) });
  return result;
}

/** Attributes of an open file. fstat(2): EBADF. */
export function fstat(vfs: Vfs, file: OpenFile): Attributes | Failure {
  const result = refuseClosed(vfs, file) ?? vfs.fileSystem.getattr(file.inode);
  vfs.observer?.({ operation: "fstat", inode: file.inode, ...outcome(result) });
  return result;
}
