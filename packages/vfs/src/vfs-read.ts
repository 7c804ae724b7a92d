// Reading from an open file into a buffer.

import { accessOk } from "./address-limit.ts";
import { fail, isFailure } from "./errno.ts";
import type { Failure } from "./errno.ts";
import type { IoBuffer } from "./io-buffer.ts";
import { outcome } from "./observer.ts";
import { allowsRead } from "./open-flags.ts";
import { refuseClosed } from "./open-file.ts";
import type { OpenFile, PositionHolder } from "./open-file.ts";
import type { Vfs } from "./vfs.ts";

/** The most bytes that one read or write moves: Linux's MAX_RW_COUNT. */
export const MAX_RW_COUNT = 0x7fff_f000;

/** Where every file ends at the latest: positions are exact integers up to here. Linux: `s_maxbytes`. */
export const fileByteLimit: number = Number.MAX_SAFE_INTEGER;

/**
 * Reads into `buffer` from a position on and moves the position; returns how many bytes, 0 at the end. Without `at` it
 * is the file's own position, as in read(2). Linux: `vfs_read(file, buf, count, pos)`, whose order of errors this is:
 * EBADF (closed, not open for reading), EFAULT (beyond the address limit), EINVAL (negative position), EISDIR. A buffer
 * that faults after n bytes ends the read there: n, or EFAULT if n is 0.
 */
export function vfsRead(vfs: Vfs, file: OpenFile, buffer: IoBuffer, at: PositionHolder = file): number | Failure {
  const { position } = at;
  const result = read(vfs, file, buffer, position);
  if (!isFailure(result)) at.position = position + result;
  vfs.observer?.({
    operation: "vfsRead",
    inode: file.inode,
    position,
    byteCount: buffer.byteCount,
    ...(isFailure(result) ? {} : { done: result }),
    ...outcome(result),
  });
  return result;
}

/** `vfsRead` at a position that nobody keeps: pread(2). */
export function pread(vfs: Vfs, file: OpenFile, buffer: IoBuffer, position: number): number | Failure {
  return vfsRead(vfs, file, buffer, { position });
}

function read(vfs: Vfs, file: OpenFile, buffer: IoBuffer, position: number): number | Failure {
  const closed = refuseClosed(vfs, file);
  if (closed !== undefined) return closed;
  if (!allowsRead(file.flags)) return fail("EBADF");
  if (!accessOk(vfs, buffer)) return fail("EFAULT");
  if (position < 0) return fail("EINVAL");
  const byteCount = Math.max(0, Math.min(buffer.byteCount, MAX_RW_COUNT, fileByteLimit - position));
  if (buffer.whole !== undefined) return vfs.fileSystem.read(file.handle, position, buffer.whole.subarray(0, byteCount));
  const bytes = new Uint8Array(byteCount);
  const count = vfs.fileSystem.read(file.handle, position, bytes);
  if (isFailure(count) || count === 0) return count;
  const copied = buffer.copyTo(0, bytes.subarray(0, count));
  return copied === 0 ? fail("EFAULT") : copied;
}
