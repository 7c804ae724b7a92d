// Writing from a buffer into an open file.

import { accessOk } from "./address-limit.ts";
import { fail, isFailure } from "./errno.ts";
import type { Failure } from "./errno.ts";
import type { IoBuffer } from "./io-buffer.ts";
import { outcome } from "./observer.ts";
import { O_APPEND, allowsWrite } from "./open-flags.ts";
import { refuseClosed } from "./open-file.ts";
import type { OpenFile, PositionHolder } from "./open-file.ts";
import type { Vfs } from "./vfs.ts";
import { MAX_RW_COUNT, fileByteLimit } from "./vfs-read.ts";

/**
 * Writes `buffer` at a position and moves the position behind what was written; returns how many bytes, which may be
 * fewer than all (a short write: write the rest again). Without `at` it is the file's own position, as in write(2). With
 * O_APPEND it begins at the end of the file, whatever the position, and moves it all the same. Linux: `vfs_write(file,
 * buf, count, pos)`, whose order of errors this is: EBADF (closed, not open for writing), EFAULT (beyond the address
 * limit), EINVAL (negative position), EFBIG. A buffer that faults after n bytes ends the write there: n, or EFAULT if n
 * is 0 (`generic_perform_write`).
 */
export function vfsWrite(vfs: Vfs, file: OpenFile, buffer: IoBuffer, at: PositionHolder = file): number | Failure {
  const position = begin(vfs, file, buffer, at);
  const result = isFailure(position) ? position : write(vfs, file, buffer, position);
  vfs.observer?.({
    operation: "vfsWrite",
    inode: file.inode,
    position: isFailure(position) ? at.position : position,
    byteCount: buffer.byteCount,
    ...(isFailure(result) ? {} : { done: result }),
    ...outcome(result),
  });
  if (!isFailure(result) && !isFailure(position) && result > 0) at.position = position + result;
  return result;
}

/** `vfsWrite` at a position that nobody keeps: pwrite(2). As on Linux, O_APPEND wins over the position. */
export function pwrite(vfs: Vfs, file: OpenFile, buffer: IoBuffer, position: number): number | Failure {
  return vfsWrite(vfs, file, buffer, { position });
}

/** Where the write begins, or why it does not. */
function begin(vfs: Vfs, file: OpenFile, buffer: IoBuffer, at: PositionHolder): number | Failure {
  const closed = refuseClosed(vfs, file);
  if (closed !== undefined) return closed;
  if (!allowsWrite(file.flags)) return fail("EBADF");
  if (!accessOk(vfs, buffer)) return fail("EFAULT");
  if (at.position < 0) return fail("EINVAL");
  if ((file.flags & O_APPEND) === 0 || buffer.byteCount === 0) return at.position;
  const attributes = vfs.fileSystem.getattr(file.inode);
  return isFailure(attributes) ? attributes : attributes.size;
}

function write(vfs: Vfs, file: OpenFile, buffer: IoBuffer, position: number): number | Failure {
  if (buffer.byteCount === 0) return 0;
  const byteCount = Math.min(buffer.byteCount, MAX_RW_COUNT, fileByteLimit - position);
  if (byteCount <= 0) return fail("EFBIG");
  if (buffer.whole !== undefined) return vfs.fileSystem.write(file.handle, position, buffer.whole.subarray(0, byteCount));
  const bytes = new Uint8Array(byteCount);
  const copied = buffer.copyFrom(0, bytes);
  return copied === 0 ? fail("EFAULT") : vfs.fileSystem.write(file.handle, position, bytes.subarray(0, copied));
}
