// A file that was not there before, written and made durable.

import {
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_WRONLY,
  filpClose,
  filpOpen,
  isFailure,
  kernelBuffer,
  pwrite,
  vfsFsync,
  withKernelLimit,
} from "@pagelapse/vfs";
import type { Failure, OpenFile, Vfs } from "@pagelapse/vfs";

/** Puts all these bytes at a position, in as many writes as it takes. */
export type Put = (bytes: Uint8Array, position: number) => Failure | undefined;

/** Creates a file, 0644, lets `fill` put its bytes, and makes them durable; its name is not yet. Closed in any case. */
export function writeNewFile(vfs: Vfs, path: string, fill: (put: Put) => Failure | undefined): Failure | undefined {
  const file = filpOpen(vfs, path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o644);
  if (isFailure(file)) return file;
  let failed: Failure | undefined;
  let closed: Failure | undefined;
  try {
    failed = fill((bytes, position) => withKernelLimit(vfs, () => putAll(vfs, file, bytes, position))) ?? vfsFsync(vfs, file);
  } finally {
    closed = filpClose(vfs, file);
  }
  return failed ?? closed;
}

/** Makes the names in a directory durable. */
export function syncDirectory(vfs: Vfs, path: string): Failure | undefined {
  const directory = filpOpen(vfs, path, O_RDONLY | O_DIRECTORY, 0);
  if (isFailure(directory)) return directory;
  const synced = vfsFsync(vfs, directory);
  const closed = filpClose(vfs, directory);
  return synced ?? closed;
}

/** A write that takes nothing is EIO: there is no sense in another. */
function putAll(vfs: Vfs, file: OpenFile, bytes: Uint8Array, position: number): Failure | undefined {
  for (let done = 0; done < bytes.length;) {
    const count = pwrite(vfs, file, kernelBuffer(bytes.subarray(done)), position + done);
    if (isFailure(count)) return count;
    if (count === 0) return { errno: "EIO" };
    done += count;
  }
  return undefined;
}
