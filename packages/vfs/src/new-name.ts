// What mkdir, symlink and link ask of the name that they are about to make.

import { fail, isFailure } from "./errno.ts";
import type { Failure } from "./errno.ts";
import type { InodeNumber } from "./file-system.ts";
import { childOf, walkToParent } from "./path-walk.ts";
import type { Place } from "./path-walk.ts";
import { MAY_EXEC, MAY_WRITE, refuseAccess } from "./permission.ts";
import type { Vfs } from "./vfs.ts";

/** A name that is free in a directory. */
export interface FreeName {
  readonly directory: InodeNumber;
  readonly name: string;
  /** Why nothing may be made there; asked last, after whatever the verb itself has to refuse. */
  readonly refused: Failure | undefined;
}

/**
 * Finds the directory of a new name. EEXIST if the name is taken or is `.`, `..` or `/`; ENOENT if slashes follow it and
 * what is made is no directory. Linux: `filename_create`, then `may_create`.
 */
export function findFreeName(vfs: Vfs, path: string, made: "directory" | "no-directory"): FreeName | Failure {
  const place = walkToParent(vfs, path);
  if (isFailure(place)) return place;
  if (place.lastKind !== "name") return fail("EEXIST");
  const child = childOf(vfs, place);
  if (!isFailure(child)) return fail("EEXIST");
  if (child.errno !== "ENOENT") return child;
  if (place.trailingSlash && made === "no-directory") return child;
  return { directory: place.directory.inode, name: place.name, refused: refuseChange(place) };
}

/** ENOENT if the directory is removed, EACCES if its names may not be changed. */
export function refuseChange(place: Place): Failure | undefined {
  if (place.directory.linkCount === 0) return fail("ENOENT");
  return refuseAccess(place.directory, MAY_WRITE | MAY_EXEC);
}
