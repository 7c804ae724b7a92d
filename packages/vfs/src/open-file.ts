// An open file: what open(2) calls a file description. It refers to an inode, never to a path.

import { fail } from "./errno.ts";
import type { Failure } from "./errno.ts";
import type { Handle, InodeNumber } from "./file-system.ts";

/** What a read or write begins at and moves on: the kernel's `loff_t *pos`. */
export interface PositionHolder {
  position: number;
}

/** One opening of an inode, with a position of its own. Linux: `struct file`. */
export interface OpenFile extends PositionHolder {
  readonly inode: InodeNumber;
  /** What stands behind it in the file system. */
  readonly handle: Handle;
  /** As given to `filpOpen`. */
  readonly flags: number;
}

/** The files that are open: a `Vfs`. */
export interface OpenFiles {
  readonly openFiles: Set<OpenFile>;
}

/** EBADF if a file was closed, or belongs to another vfs. */
export function refuseClosed(vfs: OpenFiles, file: OpenFile): Failure | undefined {
  return vfs.openFiles.has(file) ? undefined : fail("EBADF");
}
