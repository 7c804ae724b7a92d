// What Linux does, case by case, in every world; the host is asked where it is Linux.

import { expect, test } from "vitest";
import { perform } from "./notation.ts";
import { isErrnoWord, onLinux, worlds } from "./worlds.ts";

const asked = Object.entries(worlds).filter(([name]) => name !== "host" || onLinux);

/** Lines with `;` between. One with `->` has this result; each other succeeds. Returns what went otherwise, and where. */
function departures(story: string): readonly string[] {
  return asked.flatMap(([name, make]) => {
    const world = make();
    const found = story.split("; ").flatMap((step) => {
      const [line, expected] = step.split(" -> ");
      const result = perform(world, line);
      const fine = expected === undefined ? !isErrnoWord(result) : result === expected;
      return fine ? [] : [`in ${name}: ${line} -> ${result}, expected ${expected ?? "success"}`];
    });
    world["end"]();
    return found;
  });
}

const hello = "open f a rw+creat; pwrite f hello 0";
const tree = "mkdir d; mkdir d/e; open f d/a w+creat";

// Where memfs 4.80.1 differs from Linux.
test.each([
  [
    "a file open for reading is not written",
    `${hello}; open g a r; write g x -> EBADF; pwrite g x 0 -> EBADF; read g 9 -> hello`,
  ],
  ["a file open for reading is not cut", `${hello}; open g a r; truncate g 0 -> EINVAL; read g 9 -> hello`],
  ["a file open for writing is not read", `${hello}; open g a w; read g 1 -> EBADF; pread g 1 0 -> EBADF`],
  [
    "a rename between two names of one inode leaves both",
    `${hello}; link a b; rename a b; lstat a -> file 2 5; lstat b -> file 2 5`,
  ],
  [
    "a directory is not renamed into its own child",
    `${tree}; rename d d/e/x -> EINVAL; rename d d/x -> EINVAL; rename d d/e -> EINVAL; readdir d -> a:file,e:directory`,
  ],
  ["a directory gets no second name", `${tree}; link d x -> EPERM; link d/. x -> EPERM; link d d/e -> EEXIST`],
  [
    "a file that a rename replaced has no link left",
    `${hello}; open g b rw+creat; rename b a; fstat f -> file 0 5; fstat g -> file 1 0; pread f 9 0 -> hello`,
  ],
  ["a dangling symlink is renamed", "symlink nowhere l; rename l m; readlink m -> nowhere; lstat l -> ENOENT; stat m -> ENOENT"],
  [
    "after a positional write to an appending file, a read begins where it was",
    "open f a rw+creat+append; pwrite f ab 0; read f 9 -> ab",
  ],
  [
    "unlink of a directory is EISDIR",
    `${tree}; unlink d/e -> EISDIR; unlink d -> EISDIR; unlink d/ -> EISDIR; unlink . -> EISDIR; unlink d/.. -> EISDIR`,
  ],
  [
    "a closed file is not synced",
    `${hello}; fsync f; close f; fsync f -> EBADF; close f -> EBADF; fstat f -> EBADF; open h . r; fsync h`,
  ],
])("unlike memfs: %s", (_, story) => expect(departures(story)).toEqual([]));

test.each([
  [
    "a position moves by what was moved",
    `${hello}; read f 2 -> he; read f 2 -> ll; write f X -> 1; read f 9 -> ""; pread f 9 0 -> hellX`,
  ],
  ["two openings have a position each", `${hello}; open g a r; read f 3 -> hel; read g 3 -> hel`],
  ["pread and pwrite leave the position", `${hello}; pread f 3 2 -> llo; pwrite f HE 0; read f 9 -> HEllo`],
  [
    "an appending write goes to the end and takes the position there",
    'open f a rw+creat+append; write f ab; open g a w; write g XYZ; write f c; read f 9 -> ""; pread f 9 0 -> XYZc',
  ],
  ["an appending pwrite goes to the end too", "open f a rw+creat+append; write f ab; pwrite f c 0 -> 1; pread f 9 0 -> abc"],
  [
    "a gap reads as zeros",
    "open f a rw+creat; pwrite f x 3; read f 9 -> ...x; pwrite f y 5000; fstat f -> file 1 5001; pread f 3 4095 -> ...",
  ],
  ["a cut file grows with zeros", `${hello}; truncate f 2; truncate f 4; read f 9 -> he..`],
  [
    "a cut leaves the position beyond the end",
    `${hello}; read f 9 -> hello; truncate f 0; read f 1 -> ""; write f x; pread f 9 0 -> .....x`,
  ],
  ["an empty write neither grows nor moves", 'open f a rw+creat; pwrite f "" 10 -> 0; fstat f -> file 1 0'],
  ["O_TRUNC cuts what is opened for reading", `${hello}; open g a r+trunc; fstat f -> file 1 0; write g x -> EBADF`],
  [
    "both access bits allow neither",
    `${hello}; open g a neither; read g 1 -> EBADF; write g x -> EBADF; truncate g 0 -> EINVAL; fstat g -> file 1 5`,
  ],
  [
    "O_EXCL wants a new name, were the old one a dangling symlink",
    `${hello}; symlink x l; open g a w+creat+excl -> EEXIST; open g l w+creat+excl -> EEXIST; open g a w+excl`,
  ],
  [
    "O_CREAT goes through a dangling symlink",
    "mkdir d; symlink d/x l; open f l w+creat; lstat d/x -> file 1 0; lstat l -> symlink 1 3",
  ],
  [
    "O_NOFOLLOW minds the last name only",
    `${tree}; symlink d l; symlink d/a m; open g l/a r+nofollow; open g m r+nofollow -> ELOOP; open g l r+nofollow+dir -> ENOTDIR; open g l/ r+nofollow`,
  ],
  [
    "a directory opens for reading only",
    "mkdir d; open f d r; read f 1 -> EISDIR; write f x -> EBADF; open f d w -> EISDIR; open f d r+trunc -> EISDIR; open f d r+creat -> EISDIR; open f d r+creat+excl -> EEXIST",
  ],
  [
    "O_DIRECTORY wants a directory, and creates none",
    `${hello}; open g a r+dir -> ENOTDIR; open g x r+dir -> ENOENT; open g x r+creat+dir -> EINVAL; open g . r+dir`,
  ],
  [
    "O_CREAT with a slash behind the name is EISDIR",
    "mkdir d; open f x/ w+creat -> EISDIR; open f d/ w+creat -> EISDIR; open f d/ w+creat+excl -> EISDIR; open f x/y w+creat -> ENOENT",
  ],
  [
    "an open file outlives its names",
    `${hello}; unlink a; pread f 9 0 -> hello; write f J; pread f 9 0 -> Jello; fstat f -> file 0 5; open g a w+creat; fstat g -> file 1 0`,
  ],
  ["an open file follows its inode over a rename", `${hello}; rename a b; write f J; open g b r; read g 9 -> Jello`],
  ["a removed directory holds nothing, though open", "mkdir d; open f d r; rmdir d; fstat f -> directory removed; fsync f"],
])("open files: %s", (_, story) => expect(departures(story)).toEqual([]));

test.each([
  [
    "a slash behind a name wants a directory",
    `${hello}; stat a/ -> ENOTDIR; open g a/ r -> ENOTDIR; unlink a/ -> ENOTDIR; rename a/ b -> ENOTDIR; rename a b/ -> ENOTDIR; link a/ b -> ENOTDIR; stat a/. -> ENOTDIR`,
  ],
  [
    "a slash behind a new name is for directories",
    `${hello}; mkdir d/; link a x/ -> ENOENT; symlink a x/ -> ENOENT; mkdir d/ -> EEXIST; rename d/ e/; stat e/ -> directory`,
  ],
  [
    "a slash behind a symlink follows it",
    `${tree}; symlink d l; lstat l -> symlink 1 1; lstat l/ -> directory; readlink l/ -> EINVAL; rmdir l/ -> ENOTDIR; unlink l/ -> ENOTDIR; mkdir l/ -> EEXIST; rmdir l -> ENOTDIR`,
  ],
  [
    "`..` is the parent of where a symlink leads",
    `${tree}; symlink d/e l; lstat l/../a -> file 1 0; stat l/.. -> directory; readdir l/.. -> a:file,e:directory`,
  ],
  [
    "dots are nobody's names",
    `${tree}; rmdir d/. -> EINVAL; rmdir d/.. -> ENOTEMPTY; rename d/. x -> EBUSY; rename d/e/.. x -> EBUSY; rename d . -> EBUSY; mkdir . -> EEXIST; mkdir d/.. -> EEXIST; link d/a . -> EEXIST`,
  ],
  [
    "the empty path is nowhere",
    'open f "" r -> ENOENT; mkdir "" -> ENOENT; stat "" -> ENOENT; symlink "" l -> ENOENT; readlink "" -> ENOENT; rename "" x -> ENOENT',
  ],
  [
    "a name has 255 bytes at most",
    "mkdir x*255; rmdir x*255; mkdir x*256 -> ENAMETOOLONG; stat x*256 -> ENAMETOOLONG; mkdir é*127; mkdir é*128 -> ENAMETOOLONG",
  ],
  [
    "a loop of symlinks ends",
    "symlink b a; symlink a b; stat a -> ELOOP; open f a r -> ELOOP; open f a w+creat -> ELOOP; lstat a -> symlink 1 1; stat a/x -> ELOOP; unlink a",
  ],
  [
    "a file in the middle of a path is ENOTDIR",
    `${hello}; stat a/b -> ENOTDIR; mkdir a/b -> ENOTDIR; open g a/b w+creat -> ENOTDIR; rename a/b c -> ENOTDIR; rename a a/b -> ENOTDIR`,
  ],
  [
    "kinds are not replaced by others",
    `${hello}; mkdir d; mkdir e; rename a d -> EISDIR; rename d a -> ENOTDIR; rename d e; readdir . -> a:file,e:directory`,
  ],
  [
    "a full directory is neither removed nor replaced",
    `${tree}; mkdir x; rmdir d -> ENOTEMPTY; rename x d -> ENOTEMPTY; rename d/e d -> ENOTEMPTY; rename d/a d -> ENOTEMPTY`,
  ],
  [
    "a symlink is replaced, not what it leads to",
    `${hello}; symlink a l; open g b w+creat; rename b l; lstat l -> file 1 0; lstat a -> file 1 5; lstat b -> ENOENT`,
  ],
  [
    "a symlink may have two names, and leads nowhere by itself",
    "symlink x l; link l m; lstat m -> symlink 2 1; readlink m -> x; open f l r -> ENOENT",
  ],
  [
    "a directory's `..` moves with it",
    `${tree}; mkdir z; rename d/e z/e; open g z/b w+creat; stat z/e/../b -> file 1 0; stat z/e/../a -> ENOENT`,
  ],
  [
    "links are counted",
    `${hello}; link a b; link b c; fstat f -> file 3 5; unlink a; lstat c -> file 2 5; rename b c -> ok; lstat b -> file 2 5`,
  ],
])("names: %s", (_, story) => expect(departures(story)).toEqual([]));

test.each([39, 40, 41])("a walk over %i symlinks ends as on Linux", (links) => {
  const chain = Array.from({ length: links - 1 }, (_, index) => `symlink l${index} l${index + 1}`);
  const end = links <= 40 ? "file 1 5" : "ELOOP";
  const story = [hello, "symlink a l0", ...chain, `stat l${links - 1} -> ${end}`].join("; ");
  expect(departures(story)).toEqual([]);
});
