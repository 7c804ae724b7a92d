// How a file system is told that a disk did not take what fsync was to write.

import type { Handle } from "./file-system.ts";

/**
 * What becomes of a file's bytes when the disk refuses them. `clean`: they stay in the page cache, marked as if they had
 * been written, so the next fsync succeeds and writes nothing (ext4, XFS). `lost`: the page cache goes back to what the
 * disk has (Btrfs). After Rebello and others, "Can Applications Recover from fsync Failures?", USENIX ATC 2020.
 */
export type WriteBackFailure = "clean" | "lost";

/** A file system that knows what its disk has, so that a write-back can fail in it. */
export interface WriteBack {
  /** The file's bytes that were not yet on disk will not get there by any fsync. */
  failWriteBack(handle: Handle, way: WriteBackFailure): void;
}
