// Opening and closing files.

import { fail, isFailure } from "./errno.ts";
import type { Failure } from "./errno.ts";
import type { Attributes, CreatedFile, Handle } from "./file-system.ts";
import { outcome } from "./observer.ts";
import {
  O_ACCMODE,
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  allowsRead,
  allowsWrite,
} from "./open-flags.ts";
import type { OpenFile } from "./open-file.ts";
import { isRemoved, walk, walkToCreate } from "./path-walk.ts";
import type { Place } from "./path-walk.ts";
import { MAY_EXEC, MAY_READ, MAY_WRITE, refuseAccess } from "./permission.ts";
import type { Vfs } from "./vfs.ts";

/**
 * Opens a file or directory, its position 0. `mode` less the umask is what a created file gets; other calls ignore it.
 * Linux: `filp_open`, open(2). Flags that are not in this package change nothing. A directory opens only for reading,
 * and what is neither file nor directory does not open: EACCES.
 */
export function filpOpen(vfs: Vfs, path: string, flags: number, mode: number): OpenFile | Failure {
  const opened = open(vfs, path, flags, mode & 0o7777 & ~vfs.umask);
  if (!isFailure(opened)) vfs.openFiles.add(opened);
  vfs.observer?.({
    operation: "filpOpen",
    path,
    ...(isFailure(opened) ? {} : { inode: opened.inode }),
    flags,
    mode,
    ...outcome(opened),
  });
  return opened;
}

/**
 * Ends an open file; it is closed also when this fails. An inode without names goes with the last one that is open.
 * Linux: `filp_close`. EBADF if it was closed before.
 */
export function filpClose(vfs: Vfs, file: OpenFile): Failure | undefined {
  const result = vfs.openFiles.delete(file) ? vfs.fileSystem.close(file.handle) : fail("EBADF");
  vfs.observer?.({ operation: "filpClose", inode: file.inode, ...outcome(result) });
  return result;
}

function open(vfs: Vfs, path: string, flags: number, mode: number): OpenFile | Failure {
  if ((flags & O_CREAT) === 0) {
    const found = walk(vfs, path, (flags & O_NOFOLLOW) === 0 ? "follow" : "keep");
    return isFailure(found) ? found : openFound(vfs, found, flags);
  }
  if ((flags & O_DIRECTORY) !== 0) return fail("EINVAL");
  const place = walkToCreate(vfs, path, (flags & (O_NOFOLLOW | O_EXCL)) === 0 ? "follow" : "keep");
  if (isFailure(place)) return place;
  if ("free" in place) return create(vfs, place.free, flags, mode);
  if ((flags & O_EXCL) !== 0) return fail("EEXIST");
  return place.found.kind === "directory" ? fail("EISDIR") : openFound(vfs, place.found, flags);
}

function create(vfs: Vfs, place: Place, flags: number, mode: number): OpenFile | Failure {
  if (isRemoved(place.directory)) return fail("ENOENT");
  const refused = refuseAccess(place.directory, MAY_WRITE | MAY_EXEC);
  if (refused !== undefined) return refused;
  const created = vfs.fileSystem.create(place.directory.inode, place.name, mode, flags & (O_ACCMODE | O_APPEND));
  return isFailure(created) ? created : openFile(created, flags);
}

/** Linux: `do_open` and `may_open`, whose order of errors this is. */
function openFound(vfs: Vfs, found: Attributes, flags: number): OpenFile | Failure {
  const changes = (flags & O_ACCMODE) !== O_RDONLY || (flags & O_TRUNC) !== 0;
  if ((flags & O_DIRECTORY) !== 0 && found.kind !== "directory") return fail("ENOTDIR");
  if (found.kind === "symlink") return fail("ELOOP");
  if (found.kind === "directory" && changes) return fail("EISDIR");
  const refused = refuseAccess(found, wantedBy(flags));
  if (refused !== undefined) return refused;
  if (found.kind === "other") return fail("EACCES");
  const cuts = (flags & O_TRUNC) !== 0;
  const handle = cuts ? openAndCut(vfs, found, flags) : vfs.fileSystem.open(found.inode, flags & (O_ACCMODE | O_APPEND));
  return isFailure(handle) ? handle : openFile({ inode: found.inode, handle }, flags);
}

/** O_TRUNC cuts also what is opened for reading only, so the cut goes through a handle of its own. */
function openAndCut(vfs: Vfs, found: Attributes, flags: number): Handle | Failure {
  const { fileSystem } = vfs;
  const handle = fileSystem.open(found.inode, flags & (O_ACCMODE | O_APPEND));
  if (isFailure(handle)) return handle;
  const writer = allowsWrite(flags) ? handle : fileSystem.open(found.inode, O_WRONLY);
  const failed = isFailure(writer) ? writer : fileSystem.truncate(writer, 0);
  if (!isFailure(writer) && writer !== handle) fileSystem.close(writer);
  if (failed === undefined) return handle;
  fileSystem.close(handle);
  return failed;
}

/** Linux: `ACC_MODE`; both access bits set ask for reading and writing and then allow neither. */
function wantedBy(flags: number): number {
  const both = (flags & O_ACCMODE) === O_ACCMODE;
  return (both || allowsRead(flags) ? MAY_READ : 0) | (both || allowsWrite(flags) || (flags & O_TRUNC) !== 0 ? MAY_WRITE : 0);
}

function openFile(created: CreatedFile, flags: number): OpenFile {
  return { inode: created.inode, handle: created.handle, flags, position: 0 };
}
