// Making durable what an open file or directory holds.

import type { Failure } from "./errno.ts";
import { outcome } from "./observer.ts";
import { refuseClosed } from "./open-file.ts";
import type { OpenFile } from "./open-file.ts";
import type { Vfs } from "./vfs.ts";

/**
 * Makes an open file's bytes and size durable, or an open directory's names; neither makes the other so. A failed fsync
 * is not to be tried again on the same file: what it could not write may be gone. Linux: `vfs_fsync`, fsync(2). EBADF.
 */
export function vfsFsync(vfs: Vfs, file: OpenFile): Failure | undefined {
  const result = refuseClosed(vfs, file) ?? vfs.fileSystem.fsync(file.handle);
  vfs.observer?.({ operation: "vfsFsync", inode: file.inode, ...outcome(result) });
  return result;
}
