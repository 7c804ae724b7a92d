// Moving a name.

import { fail, isFailure } from "./errno.ts";
import type { Failure } from "./errno.ts";
import type { Attributes } from "./file-system.ts";
import { refuseChange } from "./new-name.ts";
import { outcome } from "./observer.ts";
import { childOf, liesWithin, walkToParent } from "./path-walk.ts";
import type { Place } from "./path-walk.ts";
import { MAY_WRITE, refuseAccess } from "./permission.ts";
import type { Vfs } from "./vfs.ts";

/**
 * Moves a name, over the new one if that exists. Nobody sees a moment with neither. Linux: `vfs_rename`, rename(2), whose
 * order of errors this is. Symlinks are not followed. Two names of one inode: nothing happens, both stay. A directory into
 * itself: EINVAL; over a directory that holds it, or over one that is not empty: ENOTEMPTY.
 */
export function vfsRename(vfs: Vfs, from: string, to: string): Failure | undefined {
  const result = rename(vfs, from, to);
  vfs.observer?.({ operation: "vfsRename", path: from, to, ...outcome(result) });
  return result;
}

function rename(vfs: Vfs, from: string, to: string): Failure | undefined {
  const source = walkToParent(vfs, from);
  if (isFailure(source)) return source;
  const target = walkToParent(vfs, to);
  if (isFailure(target)) return target;
  if (source.lastKind !== "name" || target.lastKind !== "name") return fail("EBUSY");
  const moved = childOf(vfs, source);
  if (isFailure(moved)) return moved;
  const replaced = childOf(vfs, target);
  if (isFailure(replaced) && (replaced.errno !== "ENOENT" || target.directory.linkCount === 0)) return replaced;
  const lost = isFailure(replaced) ? undefined : replaced;
  if (moved.kind !== "directory" && (source.trailingSlash || target.trailingSlash)) return fail("ENOTDIR");
  const cycle = refuseCycle(vfs, source, target, moved, lost);
  if (cycle !== undefined) return cycle;
  if (lost?.inode === moved.inode) return undefined;
  const refused =
    refuseChange(source) ?? refuseChange(target) ?? refuseKinds(moved, lost) ?? refuseLeaving(source, target, moved);
  if (refused !== undefined) return refused;
  return vfs.fileSystem.rename(source.directory.inode, source.name, target.directory.inode, target.name);
}

/** No directory becomes its own descendant, and none that holds the source is replaced. Linux: `lock_rename`. */
function refuseCycle(
  vfs: Vfs,
  source: Place,
  target: Place,
  moved: Attributes,
  lost: Attributes | undefined,
): Failure | undefined {
  if (source.directory.inode === target.directory.inode) return undefined;
  const intoItself = moved.kind === "directory" && liesWithin(vfs, moved.inode, target.directory.inode);
  if (intoItself !== false) return intoItself === true ? fail("EINVAL") : intoItself;
  const overItsParent = lost?.kind === "directory" && liesWithin(vfs, lost.inode, source.directory.inode);
  return overItsParent === false ? undefined : overItsParent === true ? fail("ENOTEMPTY") : overItsParent;
}

function refuseKinds(moved: Attributes, lost: Attributes | undefined): Failure | undefined {
  if (lost === undefined || (moved.kind === "directory") === (lost.kind === "directory")) return undefined;
  return fail(moved.kind === "directory" ? "ENOTDIR" : "EISDIR");
}

/** A directory that gets another parent changes itself: its `..`. */
function refuseLeaving(source: Place, target: Place, moved: Attributes): Failure | undefined {
  const leaves = moved.kind === "directory" && source.directory.inode !== target.directory.inode;
  return leaves ? refuseAccess(moved, MAY_WRITE) : undefined;
}
