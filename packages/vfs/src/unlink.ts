// Removing a name that is no directory.

import { fail, isFailure } from "./errno.ts";
import type { Failure } from "./errno.ts";
import { refuseChange } from "./new-name.ts";
import { outcome } from "./observer.ts";
import { childOf, walkToParent } from "./path-walk.ts";
import type { Vfs } from "./vfs.ts";

/** Removes a name; the file lives on while it has other names or is open. unlink(2): EISDIR for a directory. */
export function unlink(vfs: Vfs, path: string): Failure | undefined {
  const result = unlinkName(vfs, path);
  vfs.observer?.({ operation: "unlink", path, ...outcome(result) });
  return result;
}

function unlinkName(vfs: Vfs, path: string): Failure | undefined {
  const place = walkToParent(vfs, path);
  if (isFailure(place)) return place;
  if (place.lastKind !== "name") return fail("EISDIR");
  const child = childOf(vfs, place);
  if (isFailure(child)) return child;
  if (place.trailingSlash) return fail(child.kind === "directory" ? "EISDIR" : "ENOTDIR");
  const refused = refuseChange(place);
  if (refused !== undefined) return refused;
  return child.kind === "directory" ? fail("EISDIR") : vfs.fileSystem.unlink(place.directory.inode, place.name);
}
