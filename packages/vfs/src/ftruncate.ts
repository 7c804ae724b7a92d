// Cutting or lengthening an open file.

import { fail } from "./errno.ts";
import type { Failure } from "./errno.ts";
import { outcome } from "./observer.ts";
import { allowsWrite } from "./open-flags.ts";
import { refuseClosed } from "./open-file.ts";
import type { OpenFile } from "./open-file.ts";
import { fileByteLimit } from "./vfs-read.ts";
import type { Vfs } from "./vfs.ts";

/**
 * Makes an open file `size` bytes long: cuts it, or lengthens it with zeros. The position stays. ftruncate(2): EINVAL if
 * the size is negative, EBADF if the file is closed, EINVAL unless it is open for writing, EFBIG beyond 2^53 - 1.
 */
export function ftruncate(vfs: Vfs, file: OpenFile, size: number): Failure | undefined {
  const result = refuse(vfs, file, size) ?? vfs.fileSystem.truncate(file.handle, size);
  vfs.observer?.({ operation: "ftruncate", inode: file.inode, position: size, ...outcome(result) });
  return result;
}

function refuse(vfs: Vfs, file: OpenFile, size: number): Failure | undefined {
  if (size < 0) return fail("EINVAL");
  const closed = refuseClosed(vfs, file);
  if (closed !== undefined) return closed;
  if (!allowsWrite(file.flags)) return fail("EINVAL");
  return size > fileByteLimit ? fail("EFBIG") : undefined;
}
