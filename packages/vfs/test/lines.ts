// Random lists of operations over a dozen paths, so that names, links and open files meet.

import fc from "fast-check";
import type { Line } from "./notation.ts";

const path = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("a", "b", "d", "e", "d/a", "d/e", "d/e/a", "e/d") },
  {
    weight: 2,
    arbitrary: fc.constantFrom("a/", "d/", "d/e/", "d/.", "d/..", "d/../a", "d//e", "e/../b", "e/..", "/w/w/a", "/w/w/d/e"),
  },
  { weight: 1, arbitrary: fc.constantFrom(".", "..", '""', "a/b", "a/.", "x*256", "x*255", "d/x*256") },
);
const target = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "d", "e", "d/e", "../a", "e/a") },
  { weight: 1, arbitrary: fc.constantFrom("a/", "d/", ".", '""') },
);
const slot = fc.constantFrom("f", "f", "f", "g", "g", "h");
const flags = fc
  .tuple(
    fc.constantFrom("r", "w", "rw", "rw", "neither"),
    fc.subarray(["creat", "excl", "trunc", "append", "dir", "nofollow"], { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([access, more, create]) => [...new Set([access, ...(create ? ["creat"] : []), ...more])].join("+"));
const text = fc.constantFrom("A", "BC", "DEFGH", '""');
const place = fc.constantFrom("0", "1", "3", "9", "4095", "5000");
// Node itself answers a read of 0 bytes, whatever the file, so the host is not asked for one.
const count = fc.constantFrom("1", "4", "6000");

const weighted: readonly (readonly [number, fc.Arbitrary<readonly string[]>])[] = [
  [3, fc.tuple(fc.constant("mkdir"), path)],
  [2, fc.tuple(fc.constant("rmdir"), path)],
  [3, fc.tuple(fc.constant("unlink"), path)],
  [4, fc.tuple(fc.constant("rename"), path, path)],
  [3, fc.tuple(fc.constant("link"), path, path)],
  [3, fc.tuple(fc.constant("symlink"), target, path)],
  [2, fc.tuple(fc.constantFrom("stat", "lstat", "readlink", "readdir"), path)],
  [7, fc.tuple(fc.constant("open"), slot, path, flags)],
  [1, fc.tuple(fc.constantFrom("close", "fsync"), slot)],
  [2, fc.tuple(fc.constant("fstat"), slot)],
  [3, fc.tuple(fc.constant("read"), slot, count)],
  [2, fc.tuple(fc.constant("pread"), slot, count, place)],
  [4, fc.tuple(fc.constant("write"), slot, text)],
  [2, fc.tuple(fc.constant("pwrite"), slot, text, place)],
  [2, fc.tuple(fc.constant("truncate"), slot, place)],
];

/** Worlds to begin in, so that most names and slots mean something. */
const beginnings: readonly (readonly Line[])[] = [
  [],
  ["open f a rw+creat", "write f hello", "open g a r", "mkdir d"],
  ["mkdir d", "mkdir d/e", "open f d/e/a rw+creat", "open g b w+creat+append", "write g world", "link b d/a", "open h d r"],
  [
    "mkdir d",
    "symlink d e",
    "symlink ../b d/e",
    "open f b rw+creat",
    "write f hello",
    "open g b rw",
    "open h e/a rw+creat",
    "symlink a a",
  ],
];

/** Lists of operations that every world has. */
export const lines: fc.Arbitrary<Line[]> = listOf(weighted);

/** And with `chdir`, and modes that forbid the owner something. */
export const linesOfOurs: fc.Arbitrary<Line[]> = listOf([
  ...weighted,
  [1, fc.tuple(fc.constant("read"), slot, fc.constant("0"))],
  [1, fc.tuple(fc.constantFrom("mkdir", "rmdir", "unlink", "stat", "readlink"), fc.constantFrom("/", "//"))],
  [1, fc.tuple(fc.constantFrom("rename", "link", "symlink"), path, fc.constant("/"))],
  [1, fc.tuple(fc.constant("chdir"), fc.constantFrom("d", "e", "d/..", ".", "/w/w"))],
  [1, fc.tuple(fc.constant("mkdir"), path, fc.constantFrom("0", "500", "600"))],
  [1, fc.tuple(fc.constant("open"), slot, path, fc.constantFrom("rw+creat", "w+creat+excl"), fc.constantFrom("0", "200", "444"))],
]);

function listOf(choices: readonly (readonly [number, fc.Arbitrary<readonly string[]>])[]): fc.Arbitrary<Line[]> {
  const line = fc.oneof(
    ...choices.map(([weight, arbitrary]) => ({ weight, arbitrary: arbitrary.map((words) => words.join(" ")) })),
  );
  const list = fc.array(line, { minLength: 1, maxLength: 60, size: "max" });
  return fc.tuple(fc.constantFrom(...beginnings), list).map(([beginning, rest]) => [...beginning, ...rest]);
}
