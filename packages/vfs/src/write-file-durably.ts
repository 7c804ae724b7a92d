// Whole files out, so that a name never shows half of one: written under another name, made durable, renamed.

import { withKernelLimit } from "./address-limit.ts";
import { fail, isFailure } from "./errno.ts";
import type { Failure } from "./errno.ts";
import { filpClose, filpOpen } from "./filp-open.ts";
import { kernelBuffer } from "./io-buffer.ts";
import type { OpenFile } from "./open-file.ts";
import { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } from "./open-flags.ts";
import { unlink } from "./unlink.ts";
import type { Vfs } from "./vfs.ts";
import { vfsFsync } from "./vfs-fsync.ts";
import { vfsRename } from "./vfs-rename.ts";
import { vfsWrite } from "./vfs-write.ts";

/**
 * Why a file was not written durably. `failed`: the name is what it was before. `indeterminate`: the whole new file may
 * stand under the name, now or after a restart.
 */
export interface DurabilityFailure extends Failure {
  readonly outcome: "failed" | "indeterminate";
}

/**
 * Writes a whole file, 0644, and returns when it is durable; a file that had the name is replaced. The bytes go to a
 * temporary `.tmp-N` beside it (O_EXCL), in as many writes as it takes (one that takes nothing is EIO), then fsync,
 * close, rename, and fsync of the directory. On failure the temporary is removed; under the final name stands the old file
 * or the whole new one, also after a crash, on every disk whose renames are one step and whose fsync is honest (`posix` in
 * `@pagelapse/vfs/crash`). A symlink at the final name is replaced, not followed.
 */
export function writeFileDurably(vfs: Vfs, path: string, bytes: Uint8Array): DurabilityFailure | undefined {
  const directory = path.slice(0, path.lastIndexOf("/") + 1);
  const temporary = createTemporary(vfs, directory);
  if (isFailure(temporary)) return { ...temporary, outcome: "failed" };
  const failed = fill(vfs, temporary.file, bytes);
  const published =
    failed === undefined ? publish(vfs, temporary.path, path, directory) : { ...failed, outcome: "failed" as const };
  if (published !== undefined) unlink(vfs, temporary.path);
  return published;
}

interface Temporary {
  readonly path: string;
  readonly file: OpenFile;
}

/** So many temporaries left behind are no longer the traces of crashes. */
const temporaryLimit = 1000;

/** A temporary that a crash left behind keeps its number. */
function createTemporary(vfs: Vfs, directory: string): Temporary | Failure {
  for (let number = 0; number < temporaryLimit; number++) {
    const path = `${directory}.tmp-${number}`;
    const file = filpOpen(vfs, path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o644);
    if (!isFailure(file)) return { path, file };
    if (file.errno !== "EEXIST") return file;
  }
  return fail("EEXIST");
}

/** Writes all bytes, makes them durable and closes the file, also on failure. */
function fill(vfs: Vfs, file: OpenFile, bytes: Uint8Array): Failure | undefined {
  const failed = withKernelLimit(vfs, () => writeAll(vfs, file, bytes)) ?? vfsFsync(vfs, file);
  const closed = filpClose(vfs, file);
  return failed ?? closed;
}

function writeAll(vfs: Vfs, file: OpenFile, bytes: Uint8Array): Failure | undefined {
  for (let done = 0; done < bytes.length;) {
    const count = vfsWrite(vfs, file, kernelBuffer(bytes.subarray(done)));
    if (isFailure(count)) return count;
    if (count === 0) return fail("EIO");
    done += count;
  }
  return undefined;
}

/** A rename that reports EIO may have happened all the same; one that is refused has not. */
function publish(vfs: Vfs, temporary: string, path: string, directory: string): DurabilityFailure | undefined {
  const renamed = vfsRename(vfs, temporary, path);
  if (renamed !== undefined) return { ...renamed, outcome: renamed.errno === "EIO" ? "indeterminate" : "failed" };
  const synced = syncDirectory(vfs, directory === "" ? "." : directory);
  return synced === undefined ? undefined : { ...synced, outcome: "indeterminate" };
}

function syncDirectory(vfs: Vfs, path: string): Failure | undefined {
  const directory = filpOpen(vfs, path, O_RDONLY | O_DIRECTORY, 0);
  if (isFailure(directory)) return directory;
  const synced = vfsFsync(vfs, directory);
  const closed = filpClose(vfs, directory);
  return synced ?? closed;
}
