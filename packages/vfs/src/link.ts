// Further names: hard links and symlinks.

import { fail, isFailure } from "./errno.ts";
import type { Failure } from "./errno.ts";
import { findFreeName } from "./new-name.ts";
import { outcome } from "./observer.ts";
import { splitPath } from "./path.ts";
import { walk } from "./path-walk.ts";
import type { Vfs } from "./vfs.ts";

/** Gives an existing file or symlink another name. link(2): the last name is not followed; EPERM for a directory. */
export function link(vfs: Vfs, existing: string, path: string): Failure | undefined {
  const result = linkExisting(vfs, existing, path);
  vfs.observer?.({ operation: "link", path: existing, to: path, ...outcome(result) });
  return result;
}

/** Makes a symlink that leads to `target`, which need not exist. symlink(2): ENOENT if `target` is empty. */
export function symlink(vfs: Vfs, target: string, path: string): Failure | undefined {
  const result = makeSymlink(vfs, target, path);
  vfs.observer?.({ operation: "symlink", path, to: target, ...outcome(result) });
  return result;
}

/** Where a symlink leads, as it was written. readlink(2): EINVAL if the path is no symlink. */
export function readlink(vfs: Vfs, path: string): string | Failure {
  const found = walk(vfs, path, "keep");
  const result = isFailure(found) ? found : found.kind === "symlink" ? vfs.fileSystem.readlink(found.inode) : fail("EINVAL");
  vfs.observer?.({ operation: "readlink", path, ...outcome(result) });
  return result;
}

function linkExisting(vfs: Vfs, existing: string, path: string): Failure | undefined {
  const found = walk(vfs, existing, "keep");
  if (isFailure(found)) return found;
  const free = findFreeName(vfs, path, "no-directory");
  if (isFailure(free)) return free;
  if (free.refused !== undefined) return free.refused;
  if (found.kind === "directory") return fail("EPERM");
  return vfs.fileSystem.link(found.inode, free.directory, free.name);
}

function makeSymlink(vfs: Vfs, target: string, path: string): Failure | undefined {
  const parts = splitPath(target);
  if (isFailure(parts)) return parts;
  const free = findFreeName(vfs, path, "no-directory");
  if (isFailure(free)) return free;
  return free.refused ?? vfs.fileSystem.symlink(free.directory, free.name, target);
}
