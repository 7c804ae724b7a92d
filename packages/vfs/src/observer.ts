// What an observer is told: each operation after it happened, as plain JSON.

import { isFailure } from "./errno.ts";
import type { Errno } from "./errno.ts";
import type { InodeNumber } from "./file-system.ts";

/** The verbs. */
export type Verb =
  | "filpOpen"
  | "filpClose"
  | "vfsRead"
  | "vfsWrite"
  | "ftruncate"
  | "vfsFsync"
  | "vfsRename"
  | "link"
  | "symlink"
  | "readlink"
  | "unlink"
  | "mkdir"
  | "rmdir"
  | "readdir"
  | "chdir"
  | "stat"
  | "lstat"
  | "fstat";

/** One operation. Fields that its verb does not have are absent. */
export interface FileOperation {
  readonly operation: Verb;
  /** The path as given; of `link` and `vfsRename` the existing one. */
  readonly path?: string;
  /** The new path of `link` and `vfsRename`, the target of `symlink`. */
  readonly to?: string;
  /** The inode of an open file. */
  readonly inode?: InodeNumber;
  readonly flags?: number;
  readonly mode?: number;
  /** Where a read or write began; of `ftruncate`, the new size. */
  readonly position?: number;
  /** How many bytes were asked for. */
  readonly byteCount?: number;
  /** How many bytes were read or written. */
  readonly done?: number;
  /** Why it failed; absent if it did not. */
  readonly errno?: Errno;
}

/** Told of every operation after it happened. It must not call a verb of the same vfs. */
export type Observer = (operation: FileOperation) => void;

/** The end of a record: why the operation failed, or nothing. */
export function outcome(result: unknown): { readonly errno?: Errno } {
  return isFailure(result) ? { errno: result.errno } : {};
}
