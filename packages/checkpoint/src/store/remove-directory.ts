// A directory of an image removed, with what is in it.

import { isFailure, readdir, rmdir, unlink } from "@pagelapse/vfs";
import type { Failure, Vfs } from "@pagelapse/vfs";
import { pathIn } from "./names.ts";

/** What could not be removed, and why. */
export interface NotRemoved {
  readonly path: string;
  readonly reason: Failure["errno"];
}

/** Removes a directory of files and symlinks. Returns what could not be removed. */
export function removeDirectory(vfs: Vfs, path: string): NotRemoved | undefined {
  const entries = readdir(vfs, path);
  if (isFailure(entries)) return { path, reason: entries.errno };
  for (const { name } of entries) {
    const file = pathIn(path, name);
    const failed = unlink(vfs, file);
    if (failed !== undefined) return { path: file, reason: failed.errno };
  }
  const failed = rmdir(vfs, path);
  return failed === undefined ? undefined : { path, reason: failed.errno };
}
