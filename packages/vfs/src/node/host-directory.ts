// Reaching a directory of the host below a root, name by name, so that nothing on the way leads out.

import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { fail, isFailure } from "../errno.ts";
import type { Failure } from "../errno.ts";
import { attempt } from "./host-errno.ts";

/** A directory, and what it must be: device and inode number as the host has them. */
export interface HostName {
  readonly name: string;
  readonly identity: string;
}

/** Which file of the host this is, whatever its name. */
export function identityOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

/**
 * How a directory is reached. `descriptors`: every step is opened relative to the one before (openat(2), by way of
 * `/proc/self/fd`), so a directory that somebody changes into a symlink meanwhile is not followed. `paths`: each step is
 * looked at with lstat(2) and then named; who changes it between the look and the use is followed.
 */
export type Reach = "descriptors" | "paths";

/** The best that this host can do. */
export const hostReach: Reach = process.platform === "linux" && existsSync("/proc/self/fd") ? "descriptors" : "paths";

/**
 * Calls `act` with a path that stands for a directory while `act` runs: `path/name` names what lies in it. `way` begins
 * with the root, whose name is an absolute path. Each step must be a directory, no symlink, and have the identity that is
 * known of it, else ENOTDIR or ESTALE.
 */
export function withinDirectory<Result>(
  reach: Reach,
  way: readonly HostName[],
  act: (path: string) => Result | Failure,
): Result | Failure {
  return reach === "descriptors" ? throughDescriptors(way, act) : throughPaths(way, act);
}

/** The path of what a descriptor has open; only with `descriptors`. */
export function descriptorPath(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

/** Opens a directory as a place to start from, which needs no permission to read it; only with `descriptors`. */
export function openPlace(path: string): number {
  return openSync(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

/** One name below a path from `withinDirectory`. Throws if it is no single name: then it could lead anywhere. */
export function below(path: string, name: string): string {
  const single = name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
  if (!single || (process.platform === "win32" && notOnWindows.test(name))) {
    throw Object.assign(new Error(`${JSON.stringify(name)} is no name in a directory`), { code: "EINVAL", syscall: "lookup" });
  }
  return `${path}/${name}`;
}

/** Linux's flag; Node has no name for it. The same number on every architecture that Node runs on. */
const O_PATH = 0o10000000;

/** Names that Windows would take for a path, a stream, or another name. */
const notOnWindows = /[\\:*?"<>|]|[. ]$/;

function throughDescriptors<Result>(way: readonly HostName[], act: (path: string) => Result | Failure): Result | Failure {
  let descriptor: number | undefined;
  try {
    for (const { name, identity } of way) {
      const path: string = descriptor === undefined ? name : below(descriptorPath(descriptor), name);
      const next = attempt(() => openPlace(path));
      if (isFailure(next)) return next;
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = next;
      if (identityOf(fstatSync(next, { bigint: true })) !== identity) return fail("ESTALE");
    }
    const reached = descriptor;
    return reached === undefined ? fail("ENOENT") : attempt(() => act(descriptorPath(reached)));
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function throughPaths<Result>(way: readonly HostName[], act: (path: string) => Result | Failure): Result | Failure {
  let path = "";
  for (const { name, identity } of way) {
    path = path === "" ? name : below(path, name);
    const stats = attempt(() => lstatSync(path, { bigint: true }));
    if (isFailure(stats)) return stats;
    if (!stats.isDirectory()) return fail("ENOTDIR");
    if (identityOf(stats) !== identity) return fail("ESTALE");
  }
  return attempt(() => act(path));
}
