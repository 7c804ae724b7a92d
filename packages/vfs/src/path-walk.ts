// From a path to an inode: names looked up one by one, symlinks followed, as fs/namei.c does it.

import { fail, isFailure } from "./errno.ts";
import type { Failure } from "./errno.ts";
import type { Attributes, InodeNumber } from "./file-system.ts";
import { splitPath, tooLong } from "./path.ts";
import type { LastKind } from "./path.ts";
import { MAY_EXEC, refuseAccess } from "./permission.ts";
import type { Vfs } from "./vfs.ts";

/** More symlinks than this in one walk are taken for a loop (MAXSYMLINKS). */
const linkLimit = 40;

/** The directory that holds the last component of a path, and that component, not yet looked up. */
export interface Place {
  /** Attributes of the directory, which may be searched. */
  readonly directory: Attributes;
  readonly name: string;
  readonly lastKind: LastKind;
  readonly trailingSlash: boolean;
}

/** Symlinks met so far in one walk. */
interface LinkCount {
  links: number;
}

/** What a path may end in: whether a symlink there is followed. A slash after it follows it always. */
export type LastLink = "follow" | "keep";

/** Walks to the directory of the last component. Linux: `filename_parentat`. */
export function walkToParent(vfs: Vfs, path: string): Place | Failure {
  return parentFrom(vfs, vfs.workingDirectory.inode, path, { links: 0 });
}

/** Walks to the end. Linux: `filename_lookup`. */
export function walk(vfs: Vfs, path: string, lastLink: LastLink): Attributes | Failure {
  return walkFrom(vfs, vfs.workingDirectory.inode, path, lastLink, { links: 0 });
}

/** Where an open that may create ends: an inode, or a free name in a directory. */
export type CreationPlace = { readonly found: Attributes } | { readonly free: Place };

/** Walks to the end, which need not exist; a slash after the last component is EISDIR. Linux: `path_openat`. */
export function walkToCreate(vfs: Vfs, path: string, lastLink: LastLink): CreationPlace | Failure {
  const count: LinkCount = { links: 0 };
  let from = vfs.workingDirectory.inode;
  for (let rest = path; ;) {
    const place = parentFrom(vfs, from, rest, count);
    if (isFailure(place)) return place;
    if (place.trailingSlash && place.lastKind === "name") return fail("EISDIR");
    const found = childOf(vfs, place);
    if (isFailure(found)) return found.errno === "ENOENT" && !isRemoved(place.directory) ? { free: place } : found;
    if (found.kind !== "symlink" || lastLink === "keep") return { found };
    const target = readTarget(vfs, found.inode, count);
    if (isFailure(target)) return target;
    from = place.directory.inode;
    rest = target;
  }
}

/** Looks up the last component. `.`, `..` and `/` are found as well. */
export function childOf(vfs: Vfs, place: Place): Attributes | Failure {
  switch (place.lastKind) {
    case "name":
    case "dot-dot":
      return attributesAt(vfs, place.directory, place.name);
    default:
      return place.directory;
  }
}

/** Whether `directory` is `ancestor` or lies below it. */
export function liesWithin(vfs: Vfs, ancestor: InodeNumber, directory: InodeNumber): boolean | Failure {
  for (let at: InodeNumber | Failure = directory; !isFailure(at); at = vfs.fileSystem.lookup(at, "..")) {
    if (at === ancestor) return true;
    if (at === vfs.fileSystem.root) return false;
  }
  return fail("ESTALE");
}

/** Whether a directory that is still in use has lost its name; nothing is found or made there any more. */
export function isRemoved(directory: Attributes): boolean {
  return directory.linkCount === 0;
}

function walkFrom(vfs: Vfs, start: InodeNumber, path: string, lastLink: LastLink, count: LinkCount): Attributes | Failure {
  const place = parentFrom(vfs, start, path, count);
  if (isFailure(place)) return place;
  let found = childOf(vfs, place);
  if (isFailure(found)) return found;
  if (found.kind === "symlink" && (lastLink === "follow" || place.trailingSlash)) {
    found = follow(vfs, place.directory.inode, found.inode, count);
    if (isFailure(found)) return found;
  }
  return place.trailingSlash && found.kind !== "directory" ? fail("ENOTDIR") : found;
}

function parentFrom(vfs: Vfs, start: InodeNumber, path: string, count: LinkCount): Place | Failure {
  const parts = splitPath(path);
  if (isFailure(parts)) return parts;
  let directory = vfs.fileSystem.getattr(parts.absolute ? vfs.fileSystem.root : start);
  if (isFailure(directory)) return directory;
  for (const name of parts.before) {
    const next = stepInto(vfs, directory, name, count);
    if (isFailure(next)) return next;
    directory = next;
  }
  const refused = parts.last === "" ? undefined : refuseAccess(directory, MAY_EXEC);
  return refused ?? { directory, name: parts.last, lastKind: parts.lastKind, trailingSlash: parts.trailingSlash };
}

/** One name in the middle of a path: it leads to a directory, over symlinks if need be. */
function stepInto(vfs: Vfs, directory: Attributes, name: string, count: LinkCount): Attributes | Failure {
  const refused = refuseAccess(directory, MAY_EXEC);
  if (refused !== undefined) return refused;
  let next = name === "." ? directory : attributesAt(vfs, directory, name);
  if (isFailure(next)) return next;
  if (next.kind === "symlink") next = follow(vfs, directory.inode, next.inode, count);
  return isFailure(next) || next.kind === "directory" ? next : fail("ENOTDIR");
}

function attributesAt(vfs: Vfs, directory: Attributes, name: string): Attributes | Failure {
  if (name !== "..") {
    if (isRemoved(directory)) return fail("ENOENT");
    if (tooLong(name)) return fail("ENAMETOOLONG");
  }
  const inode = vfs.fileSystem.lookup(directory.inode, name);
  return isFailure(inode) ? inode : vfs.fileSystem.getattr(inode);
}

function follow(vfs: Vfs, directory: InodeNumber, symlink: InodeNumber, count: LinkCount): Attributes | Failure {
  const target = readTarget(vfs, symlink, count);
  return isFailure(target) ? target : walkFrom(vfs, directory, target, "follow", count);
}

function readTarget(vfs: Vfs, symlink: InodeNumber, count: LinkCount): string | Failure {
  if (count.links++ >= linkLimit) return fail("ELOOP");
  const target = vfs.fileSystem.readlink(symlink);
  if (isFailure(target)) return target;
  return target.startsWith("/") && vfs.fileSystem.absoluteLinks === "refused" ? fail("EXDEV") : target;
}
