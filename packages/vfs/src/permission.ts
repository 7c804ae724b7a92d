// What the mode bits allow the owner of a file.

import { fail } from "./errno.ts";
import type { Failure } from "./errno.ts";
import type { Attributes } from "./file-system.ts";

/** What an access needs, as the bits of one class of a mode. */
export const MAY_EXEC = 1;
/** To change a file, or with `MAY_EXEC` the names of a directory. */
export const MAY_WRITE = 2;
/** To read a file, or list a directory. */
export const MAY_READ = 4;

/**
 * EACCES unless the owner's bits hold all of `wanted`. Every caller is taken for the owner, and the owner has no
 * privilege: group and other bits are kept and never asked. Linux: `inode_permission`.
 */
export function refuseAccess(attributes: Attributes, wanted: number): Failure | undefined {
  const owner = (attributes.mode >> 6) & 7;
  return (owner & wanted) === wanted ? undefined : fail("EACCES");
}
