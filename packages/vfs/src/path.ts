// Paths as text: their limits and their names.

import { fail } from "./errno.ts";
import type { Failure } from "./errno.ts";

/** The longest name, in bytes of UTF-8. */
const NAME_MAX = 255;

/** The longest path, in bytes of UTF-8, with the zero byte that ends it in C. */
const PATH_MAX = 4096;

/** What the last component of a path is. */
export type LastKind = "name" | "dot" | "dot-dot" | "root";

/** A path taken apart. */
export interface PathParts {
  readonly absolute: boolean;
  /** Every component but the last; those that are empty are left out. */
  readonly before: readonly string[];
  /** The last component; empty if there is none, as in `/`. */
  readonly last: string;
  readonly lastKind: LastKind;
  /** Whether slashes follow the last component, which asks for a directory. */
  readonly trailingSlash: boolean;
}

/**
 * Takes a path apart. ENOENT if it is empty, ENAMETOOLONG if it is too long, EINVAL if it has a zero byte, which no
 * path has in C, or half of a surrogate pair, which is no text.
 */
export function splitPath(path: string): PathParts | Failure {
  if (path === "") return fail("ENOENT");
  if (byteCountOf(path) >= PATH_MAX) return fail("ENAMETOOLONG");
  if (path.includes("\0") || loneSurrogate.test(path)) return fail("EINVAL");
  const names = path.split("/").filter((name) => name !== "");
  const last = names.pop() ?? "";
  return {
    absolute: path.startsWith("/"),
    before: names,
    last,
    lastKind: lastKindOf(last),
    trailingSlash: last !== "" && path.endsWith("/"),
  };
}

/** Whether a name is longer than a directory can hold. */
export function tooLong(name: string): boolean {
  return byteCountOf(name) > NAME_MAX;
}

/** Bytes of a text in UTF-8. */
export function byteCountOf(text: string): number {
  return encoder.encode(text).length;
}

const encoder = new TextEncoder();
const loneSurrogate = /\p{Surrogate}/u;

function lastKindOf(last: string): LastKind {
  if (last === "") return "root";
  if (last === ".") return "dot";
  return last === ".." ? "dot-dot" : "name";
}
