// The disk file system keeps to its root, whatever stands in it.

import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  chdir,
  createVfs,
  filpClose,
  filpOpen,
  isFailure,
  link,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  rmdir,
  stat,
  symlink,
  unlink,
  vfsRename,
  writeFileDurably,
} from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { DiskFileSystem } from "@pagelapse/vfs/node";
import type { Reach } from "@pagelapse/vfs/node";
import { describe, expect, test } from "vitest";
import { freshFolder, onLinux } from "./worlds.ts";

const reaches: readonly Reach[] = onLinux ? ["descriptors", "paths"] : ["paths"];

/** A root with a directory beside it that holds a secret: what every attempt here is after. */
interface Prison {
  readonly root: string;
  readonly outside: string;
  readonly vfs: Vfs;
}
function prison(reach: Reach = reaches[0]): Prison {
  const top = freshFolder();
  const [root, outside] = [join(top, "root"), join(top, "outside")];
  for (const path of [root, outside]) mkdirSync(path);
  writeFileSync(join(outside, "secret"), "secret");
  mkdirSync(join(root, "d"));
  writeFileSync(join(root, "d", "a"), "inside");
  return { root, outside, vfs: createVfs({ fileSystem: new DiskFileSystem(root, { reach }) }) };
}
const secretIsSafe = ({ outside }: Prison): void => {
  expect(readdirSync(outside)).toEqual(["secret"]);
  expect(readFileSync(join(outside, "secret"), "utf8")).toBe("secret");
};

describe.each(reaches)("what leads out is EXDEV, by %s", (reach) => {
  const ways: readonly (readonly [string, string, (prison: Prison) => void])[] = [
    ["`..` from the root", "../outside", () => undefined],
    ["`..` from the root of an absolute path", "/../outside", () => undefined],
    ["one `..` too many", "/d/../../outside", () => undefined],
    ["an absolute symlink", "/l", ({ root, outside }) => symlinkSync(outside, join(root, "l"))],
    ["an absolute symlink back into the root", "/l", ({ root }) => symlinkSync(root, join(root, "l"))],
    ["a relative symlink", "/d/l", ({ root }) => symlinkSync("../../outside", join(root, "d", "l"))],
    [
      "a symlink to a symlink",
      "/k",
      ({ root, outside }) => {
        symlinkSync("l", join(root, "k"));
        symlinkSync(outside, join(root, "l"));
      },
    ],
    ["a symlink over a directory and back", "/l", ({ root }) => symlinkSync("d/../../outside", join(root, "l"))],
  ];
  test.each(ways)("%s: %s", (_, way, prepare) => {
    const cell = prison(reach);
    prepare(cell);
    const { vfs } = cell;
    const secret = `${way}/secret`;
    const attempts: readonly unknown[] = [
      stat(vfs, secret),
      lstat(vfs, secret),
      stat(vfs, `${way}/`),
      filpOpen(vfs, secret, O_RDONLY, 0),
      filpOpen(vfs, secret, O_RDWR | O_CREAT, 0o644),
      filpOpen(vfs, `${way}/new`, O_WRONLY | O_CREAT, 0o644),
      readFile(vfs, secret),
      readdir(vfs, way),
      readlink(vfs, secret),
      mkdir(vfs, `${way}/new`, 0o755),
      rmdir(vfs, `${way}/new`),
      symlink(vfs, "x", `${way}/new`),
      link(vfs, "/d/a", `${way}/new`),
      link(vfs, secret, "/new"),
      unlink(vfs, secret),
      vfsRename(vfs, "/d/a", `${way}/new`),
      vfsRename(vfs, secret, "/new"),
      chdir(vfs, way),
    ];
    for (const result of attempts) expect(result).toEqual({ errno: "EXDEV" });
    expect(writeFileDurably(vfs, `${way}/new`, new Uint8Array(1))).toEqual({ errno: "EXDEV", outcome: "failed" });
    secretIsSafe(cell);
  });

  test("an absolute symlink may be made, read, renamed and replaced: only following it leads out", () => {
    const cell = prison(reach);
    expect(symlink(cell.vfs, join(cell.outside, "secret"), "/l")).toBeUndefined();
    expect(vfsRename(cell.vfs, "/l", "/m")).toBeUndefined();
    expect(readlink(cell.vfs, "/m")).toBe(join(cell.outside, "secret"));
    expect(lstat(cell.vfs, "/m")).toMatchObject({ kind: "symlink" });
    expect(filpOpen(cell.vfs, "/m", O_WRONLY | O_CREAT, 0o644)).toEqual({ errno: "EXDEV" });
    expect(writeFileDurably(cell.vfs, "/m", new Uint8Array(3))).toBeUndefined();
    expect(lstat(cell.vfs, "/m")).toMatchObject({ kind: "file", size: 3 });
    secretIsSafe(cell);
  });

  test("relative symlinks and `..` inside the root are followed", () => {
    const { root, vfs } = prison(reach);
    symlinkSync("d/../d", join(root, "l"));
    expect(stat(vfs, "/l/a")).toMatchObject({ kind: "file", size: 6 });
    expect(chdir(vfs, "/l")).toBeUndefined();
    expect(stat(vfs, "../d/a")).toMatchObject({ kind: "file" });
  });
});

describe.each(reaches)("what others change meanwhile, by %s", (reach) => {
  test("a working directory that becomes a symlink to the outside is not followed", () => {
    const cell = prison(reach);
    const { root, outside, vfs } = cell;
    expect(chdir(vfs, "/d")).toBeUndefined();
    renameSync(join(root, "d"), join(root, "moved"));
    symlinkSync(outside, join(root, "d"));
    for (const result of [stat(vfs, "secret"), mkdir(vfs, "new", 0o755), unlink(vfs, "secret")])
      expect(isFailure(result)).toBe(true);
    secretIsSafe(cell);
  });

  test("a working directory that is moved out of the root leads nowhere", () => {
    const cell = prison(reach);
    const { root, outside, vfs } = cell;
    chdir(vfs, "/d");
    renameSync(join(root, "d"), join(outside, "d"));
    for (const result of [stat(vfs, "../secret"), mkdir(vfs, "new", 0o755), stat(vfs, "a")]) expect(isFailure(result)).toBe(true);
    expect(readdirSync(join(outside, "d"))).toEqual(["a"]);
  });

  test("each step on the way to a directory is checked against what it was", () => {
    const { root } = prison();
    const fileSystem = new DiskFileSystem(root);
    const directory = Number(fileSystem.lookup(fileSystem.root, "d"));
    rmSync(join(root, "d"), { recursive: true });
    mkdirSync(join(root, "other"));
    mkdirSync(join(root, "d"));
    writeFileSync(join(root, "d", "b"), "another");
    expect(fileSystem.mkdir(directory, "x", 0o755)).toEqual({ errno: "ESTALE" });
    expect(readdirSync(join(root, "d"))).toEqual(["b"]);
  });

  test("a file that is replaced by a symlink between look-up and open is not followed", () => {
    const cell = prison();
    const fileSystem = new DiskFileSystem(cell.root);
    const directory = Number(fileSystem.lookup(fileSystem.root, "d"));
    const file = Number(fileSystem.lookup(directory, "a"));
    unlinkSync(join(cell.root, "d", "a"));
    symlinkSync(join(cell.outside, "secret"), join(cell.root, "d", "a"));
    expect(isFailure(fileSystem.open(file, O_RDWR))).toBe(true);
    expect(fileSystem.getattr(file)).toEqual({ errno: "ESTALE" });
    expect(isFailure(fileSystem.create(directory, "a", 0o644, O_RDWR))).toBe(true);
    secretIsSafe(cell);
  });

  test.each(["", ".", "../outside/secret", "a/b", "a\0"])("%j is no name, and is refused below the verbs too", (name) => {
    const cell = prison();
    const fileSystem = new DiskFileSystem(cell.root);
    const { root } = fileSystem;
    expect(fileSystem.lookup(root, name)).toEqual({ errno: "EINVAL" });
    expect(fileSystem.unlink(root, name)).toEqual({ errno: "EINVAL" });
    expect(fileSystem.rename(root, "d", root, name)).toEqual({ errno: "EINVAL" });
    expect(fileSystem.create(root, name, 0o644, O_RDWR)).toEqual({ errno: "EINVAL" });
    secretIsSafe(cell);
  });
});

/** Node has no call for this. */
function makeFifo(path: string): void {
  execFileSync("sh", ["-c", 'mkfifo "$0"', path]);
}

test.runIf(onLinux)("a second name of an absolute symlink is that symlink, not the file outside", () => {
  const cell = prison();
  symlinkSync(join(cell.outside, "secret"), join(cell.root, "l"));
  expect(link(cell.vfs, "/l", "/m")).toBeUndefined();
  expect(lstat(cell.vfs, "/m")).toMatchObject({ kind: "symlink", linkCount: 2 });
  secretIsSafe(cell);
});

describe.runIf(onLinux)("what is neither file, directory nor symlink", () => {
  test("a FIFO is seen, renamed and removed, and does not open, nor hang", () => {
    const { root, vfs } = prison();
    makeFifo(join(root, "p"));
    for (const flags of [O_RDONLY, O_WRONLY, O_RDWR, O_WRONLY | O_CREAT]) {
      expect(filpOpen(vfs, "/p", flags, 0o644)).toEqual({ errno: "EACCES" });
    }
    expect(readFile(vfs, "/p")).toEqual({ errno: "EACCES" });
    expect(readdir(vfs, "/")).toEqual([
      { name: "d", kind: "directory" },
      { name: "p", kind: "other" },
    ]);
    expect(vfsRename(vfs, "/p", "/d/p")).toBeUndefined();
    expect(stat(vfs, "/d/p")).toMatchObject({ kind: "other" });
    expect(unlink(vfs, "/d/p")).toBeUndefined();
  });

  test("a FIFO that takes the place of a file between look-up and open does not hang", () => {
    const { root } = prison();
    const fileSystem = new DiskFileSystem(root);
    const directory = Number(fileSystem.lookup(fileSystem.root, "d"));
    const file = Number(fileSystem.lookup(directory, "a"));
    unlinkSync(join(root, "d", "a"));
    makeFifo(join(root, "d", "a"));
    expect(fileSystem.open(file, O_RDONLY)).toEqual({ errno: "EACCES" });
  });
});

/** How many descriptors this process has open, where the host says so. */
function descriptors(): number {
  return existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0;
}

test("no descriptor stays open but those of open files", () => {
  const { vfs } = prison();
  const before = descriptors();
  const file = filpOpen(vfs, "/d/a", O_RDWR, 0);
  if (isFailure(file)) throw new Error(file.errno);
  expect(fstatSync(file.handle).size).toBe(6);
  for (const path of ["/d/a/x", "/none/x", "/d", "/../x", "/d/x"]) filpOpen(vfs, path, O_RDWR, 0);
  mkdir(vfs, "/d/e", 0o755);
  vfsRename(vfs, "/d/e", "/e");
  chdir(vfs, "/e");
  chdir(vfs, "/");
  filpClose(vfs, file);
  expect(descriptors()).toBe(before);
});

test("one file has one inode number under all its names, and another has another", () => {
  const { vfs } = prison();
  link(vfs, "/d/a", "/b");
  writeFileDurably(vfs, "/c", new Uint8Array(1));
  const numbers = ["/d/a", "/b", "/d/../b", "/c"].map((path) => {
    const found = stat(vfs, path);
    return isFailure(found) ? found.errno : found.inode;
  });
  expect(new Set(numbers.slice(0, 3)).size).toBe(1);
  expect(numbers[3]).not.toBe(numbers[0]);
});

test("errnos of the host come through", () => {
  const { root, vfs } = prison();
  const opened = openSync(join(root, "d", "a"), "r");
  closeSync(opened);
  expect(lstatSync(join(root, "d", "a")).isFile()).toBe(true);
  const fileSystem = new DiskFileSystem(root);
  expect(fileSystem.rmdir(fileSystem.root, "d")).toEqual({ errno: "ENOTEMPTY" });
  expect(fileSystem.rmdir(fileSystem.root, "none")).toEqual({ errno: "ENOENT" });
  expect(filpOpen(vfs, "/d/a/", O_RDONLY, 0)).toEqual({ errno: "ENOTDIR" });
});

test("a root that is no directory, or is not there, is refused in words", () => {
  const { root } = prison();
  expect(() => new DiskFileSystem(join(root, "none"))).toThrow(/ENOENT.*none/);
  expect(() => new DiskFileSystem(join(root, "d", "a"))).toThrow("d/a: expected a directory, found a file");
});
