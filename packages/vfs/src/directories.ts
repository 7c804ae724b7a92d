// Making, removing, listing and entering directories.

import { fail, isFailure } from "./errno.ts";
import type { Errno, Failure } from "./errno.ts";
import type { DirectoryEntry } from "./file-system.ts";
import { findFreeName, refuseChange } from "./new-name.ts";
import { outcome } from "./observer.ts";
import { O_RDONLY } from "./open-flags.ts";
import type { LastKind } from "./path.ts";
import { childOf, isRemoved, walk, walkToParent } from "./path-walk.ts";
import { MAY_EXEC, MAY_READ, refuseAccess } from "./permission.ts";
import type { Vfs } from "./vfs.ts";

/** Makes an empty directory with `mode` less the umask. mkdir(2). */
export function mkdir(vfs: Vfs, path: string, mode: number): Failure | undefined {
  const free = findFreeName(vfs, path, "directory");
  const result = isFailure(free)
    ? free
    : (free.refused ?? vfs.fileSystem.mkdir(free.directory, free.name, mode & 0o1777 & ~vfs.umask));
  vfs.observer?.({ operation: "mkdir", path, mode, ...outcome(result) });
  return result;
}

/** Removes an empty directory. rmdir(2): ENOTEMPTY, ENOTDIR; EINVAL for `.`, ENOTEMPTY for `..`, EBUSY for the root. */
export function rmdir(vfs: Vfs, path: string): Failure | undefined {
  const result = removeDirectory(vfs, path);
  vfs.observer?.({ operation: "rmdir", path, ...outcome(result) });
  return result;
}

/** The names in a directory, without `.` and `..`, in the order of their characters' codes. opendir(3), readdir(3). */
export function readdir(vfs: Vfs, path: string): readonly DirectoryEntry[] | Failure {
  const result = listDirectory(vfs, path);
  vfs.observer?.({ operation: "readdir", path, ...outcome(result) });
  return result;
}

/** Makes a directory the one that relative paths begin in. chdir(2). It stays that if it is moved or removed. */
export function chdir(vfs: Vfs, path: string): Failure | undefined {
  const result = enterDirectory(vfs, path);
  vfs.observer?.({ operation: "chdir", path, ...outcome(result) });
  return result;
}

const refusedByKind: Readonly<Record<Exclude<LastKind, "name">, Errno>> = {
  dot: "EINVAL",
  "dot-dot": "ENOTEMPTY",
  root: "EBUSY",
};

function removeDirectory(vfs: Vfs, path: string): Failure | undefined {
  const place = walkToParent(vfs, path);
  if (isFailure(place)) return place;
  if (place.lastKind !== "name") return fail(refusedByKind[place.lastKind]);
  const child = childOf(vfs, place);
  if (isFailure(child)) return child;
  const refused = refuseChange(place);
  if (refused !== undefined) return refused;
  return child.kind === "directory" ? vfs.fileSystem.rmdir(place.directory.inode, place.name) : fail("ENOTDIR");
}

function listDirectory(vfs: Vfs, path: string): readonly DirectoryEntry[] | Failure {
  const found = walk(vfs, path, "follow");
  if (isFailure(found)) return found;
  if (found.kind !== "directory") return fail("ENOTDIR");
  const refused = refuseAccess(found, MAY_READ);
  if (refused !== undefined) return refused;
  if (isRemoved(found)) return fail("ENOENT");
  const entries = vfs.fileSystem.readdir(found.inode);
  return isFailure(entries) ? entries : entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function enterDirectory(vfs: Vfs, path: string): Failure | undefined {
  const { fileSystem, workingDirectory } = vfs;
  const found = walk(vfs, path, "follow");
  if (isFailure(found)) return found;
  if (found.kind !== "directory") return fail("ENOTDIR");
  const refused = refuseAccess(found, MAY_EXEC);
  if (refused !== undefined) return refused;
  const handle = found.inode === fileSystem.root ? undefined : fileSystem.open(found.inode, O_RDONLY);
  if (isFailure(handle)) return handle;
  vfs.workingDirectory = { inode: found.inode, handle };
  return workingDirectory.handle === undefined ? undefined : fileSystem.close(workingDirectory.handle);
}
