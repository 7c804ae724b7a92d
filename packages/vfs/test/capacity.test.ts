// The memory file system's limits: bytes, inodes, and how much one write takes.

import {
  MemoryFileSystem,
  O_CREAT,
  O_RDWR,
  chdir,
  createVfs,
  filpClose,
  filpOpen,
  fstat,
  isFailure,
  kernelBuffer,
  link,
  mkdir,
  pread,
  pwrite,
  readdir,
  rmdir,
  setFs,
  KERNEL_DS,
  stat,
  symlink,
  unlink,
  vfsRename,
  vfsWrite,
  ftruncate,
} from "@pagelapse/vfs";
import type { MemoryFileSystemOptions, OpenFile, Vfs } from "@pagelapse/vfs";
import fc from "fast-check";
import { expect, test } from "vitest";

const page = 4096;

interface Parts {
  readonly vfs: Vfs;
  readonly fileSystem: MemoryFileSystem;
  readonly open: (path: string) => OpenFile;
}
function parts(options: MemoryFileSystemOptions): Parts {
  const fileSystem = new MemoryFileSystem(options);
  const vfs = createVfs({ fileSystem });
  setFs(vfs, KERNEL_DS);
  return {
    vfs,
    fileSystem,
    open: (path) => {
      const file = filpOpen(vfs, path, O_RDWR | O_CREAT, 0o644);
      if (isFailure(file)) throw new Error(file.errno);
      return file;
    },
  };
}
const full = (byteCount: number): ReturnType<typeof kernelBuffer> => kernelBuffer(new Uint8Array(byteCount).fill(7));

test("a write stops where the space ends, and the next is ENOSPC", () => {
  const { vfs, fileSystem, open } = parts({ byteCapacity: 2 * page + 100 });
  const file = open("/a");
  expect(vfsWrite(vfs, file, full(3 * page))).toBe(2 * page);
  expect(vfsWrite(vfs, file, full(1))).toEqual({ errno: "ENOSPC" });
  expect(fstat(vfs, file)).toMatchObject({ size: 2 * page });
  expect(pwrite(vfs, file, full(page), 10)).toBe(page);
  expect(fileSystem.freeBytes).toBe(0);
});

test("a hole takes no space, and a gap over 8 MiB reads as zeros", () => {
  const { vfs, fileSystem, open } = parts({ byteCapacity: page });
  const file = open("/a");
  expect(pwrite(vfs, file, full(8), 8 * 2 ** 20)).toBe(8);
  const bytes = new Uint8Array(16).fill(1);
  expect(pread(vfs, file, kernelBuffer(bytes), 8 * 2 ** 20 - 8)).toBe(16);
  expect([...bytes]).toEqual([...new Uint8Array(8), ...new Uint8Array(8).fill(7)]);
  expect(fileSystem.freeBytes).toBe(0);
  expect(ftruncate(vfs, file, 2 ** 40)).toBeUndefined();
});

test("space comes back when the last name and the last open file are gone", () => {
  const { vfs, fileSystem, open } = parts({ byteCapacity: 4 * page, inodeCapacity: 8 });
  const file = open("/a");
  vfsWrite(vfs, file, full(3 * page));
  link(vfs, "/a", "/b");
  unlink(vfs, "/a");
  unlink(vfs, "/b");
  expect([fileSystem.freeBytes, fileSystem.freeInodes]).toEqual([page, 6]);
  filpClose(vfs, file);
  expect([fileSystem.freeBytes, fileSystem.freeInodes]).toEqual([4 * page, 7]);
});

test("a cut gives back whole blocks", () => {
  const { vfs, fileSystem, open } = parts({ byteCapacity: 4 * page });
  const file = open("/a");
  vfsWrite(vfs, file, full(4 * page));
  for (const [size, free] of [
    [2 * page + 1, 1],
    [2 * page, 2],
    [1, 3],
    [0, 4],
  ]) {
    expect(ftruncate(vfs, file, size)).toBeUndefined();
    expect(fileSystem.freeBytes).toBe(free * page);
  }
});

test("the root and every file, directory and symlink is an inode; a hard link is none", () => {
  const { vfs, open } = parts({ inodeCapacity: 4 });
  const file = open("/a");
  expect(mkdir(vfs, "/d", 0o755)).toBeUndefined();
  expect(symlink(vfs, "a", "/l")).toBeUndefined();
  expect(link(vfs, "/a", "/b")).toBeUndefined();
  expect(mkdir(vfs, "/e", 0o755)).toEqual({ errno: "ENOSPC" });
  expect(symlink(vfs, "a", "/m")).toEqual({ errno: "ENOSPC" });
  expect(filpOpen(vfs, "/c", O_RDWR | O_CREAT, 0o644)).toEqual({ errno: "ENOSPC" });
  for (const path of ["/e", "/m", "/c"]) expect(stat(vfs, path)).toEqual({ errno: "ENOENT" });
  expect(filpClose(vfs, file)).toBeUndefined();
});

test("a longest write makes longer ones short", () => {
  const { vfs, open } = parts({ longestWrite: 100 });
  const file = open("/a");
  expect([vfsWrite(vfs, file, full(250)), vfsWrite(vfs, file, full(150)), vfsWrite(vfs, file, full(50))]).toEqual([100, 100, 50]);
  expect(fstat(vfs, file)).toMatchObject({ size: 250 });
});

test("a removed working directory keeps its parent reachable, and then all of it goes", () => {
  const { vfs, fileSystem } = parts({ inodeCapacity: 8 });
  mkdir(vfs, "/a", 0o755);
  mkdir(vfs, "/a/b", 0o755);
  chdir(vfs, "/a/b");
  rmdir(vfs, "/a/b");
  rmdir(vfs, "/a");
  expect(stat(vfs, "..")).toMatchObject({ kind: "directory", linkCount: 0 });
  expect(stat(vfs, "../x")).toEqual({ errno: "ENOENT" });
  expect(mkdir(vfs, "x", 0o755)).toEqual({ errno: "ENOENT" });
  expect(stat(vfs, "../..")).toMatchObject({ inode: 1 });
  chdir(vfs, "/");
  expect(fileSystem.freeInodes).toBe(7);
});

function removeAll(vfs: Vfs, directory: string): void {
  const entries = readdir(vfs, `${directory}/`);
  if (isFailure(entries)) throw new Error(entries.errno);
  for (const { name, kind } of entries) {
    const path = `${directory}/${name}`;
    if (kind === "directory") removeAll(vfs, path);
    expect(kind === "directory" ? rmdir(vfs, path) : unlink(vfs, path)).toBeUndefined();
  }
}

test("after anything, removing everything frees everything", () => {
  const path = fc.constantFrom("/a", "/b", "/d", "/d/a", "/d/b");
  const act = fc.oneof(
    fc.record({ verb: fc.constantFrom("write" as const, "cut" as const), path, at: fc.constantFrom(0, 1, page, 3 * page) }),
    fc.record({ verb: fc.constantFrom("rename" as const, "link" as const), path, to: path }),
    fc.record({ verb: fc.constantFrom("unlink" as const, "mkdir" as const, "rmdir" as const), path }),
  );
  let wasFull = 0;
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40, size: "max" }), (acts) => {
      const { vfs, fileSystem } = parts({ byteCapacity: 4 * page, inodeCapacity: 5 });
      for (const one of acts) {
        if (one.verb === "rename") vfsRename(vfs, one.path, one.to);
        else if (one.verb === "link") link(vfs, one.path, one.to);
        else if (one.verb === "unlink") unlink(vfs, one.path);
        else if (one.verb === "mkdir") mkdir(vfs, one.path, 0o755);
        else if (one.verb === "rmdir") rmdir(vfs, one.path);
        else if ("at" in one) {
          const file = filpOpen(vfs, one.path, O_RDWR | O_CREAT, 0o644);
          if (isFailure(file)) continue;
          const result = one.verb === "cut" ? ftruncate(vfs, file, one.at) : pwrite(vfs, file, full(2 * page), one.at);
          if (isFailure(result) && result.errno === "ENOSPC") wasFull++;
          filpClose(vfs, file);
        }
      }
      removeAll(vfs, "");
      expect([fileSystem.freeBytes, fileSystem.freeInodes]).toEqual([4 * page, 4]);
    }),
    { numRuns: 300 },
  );
  expect(wasFull).toBeGreaterThan(30);
});
