// Stores in which images contradict each other, or change while they are read.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFailure, mkdir, symlink, vfsRename } from "@pagelapse/vfs";
import { DiskFileSystem } from "@pagelapse/vfs/node";
import { expect, test } from "vitest";
import { ImageStore } from "../../src/store/image-store.ts";
import { lengthen, openVfs, overwrite, twoImages } from "./forge.ts";
import { Program, mapNames, memoryIn, pageBytes } from "./program.ts";

test("28: a chain of 1024 images is read, and one of 1025 is not, however deep it says it is", () => {
  const store = new ImageStore(openVfs());
  const program = new Program(["process 1"]);
  program.write("process 1", 0, "a");
  for (let count = 1; count <= 1025; count++) program.checkpoint(store, "increment");
  expect(memoryIn(store.openChain("image-1024"))).toBe("process 1: 10000=a");
  expect(() => store.openChain("image-1025")).toThrow("at most 1024 images in a chain");
  const found = store.survey("maps");
  if (isFailure(found)) throw new Error(found.errno);
  expect(found.newest?.path).toBe("image-1024");
  expect(found.rejected.map(({ path, kind }) => `${path} ${kind}`)).toEqual(["image-1025 orphaned"]);
});

test("30: two directories that say one sequence: the one with another's name is rejected, the other stays", () => {
  const vfs = twoImages(mapNames).vfs;
  vfsRename(vfs, "image-2", "image-9");
  expect(() => new ImageStore(vfs).open("image-9")).toThrow("expected the sequence of image-9, found 2");
  const found = new ImageStore(vfs).survey("pages");
  if (isFailure(found)) throw new Error(found.errno);
  expect(found.newest?.path).toBe("image-1");
  expect(found.rejected.map(({ path, kind }) => `${path} ${kind}`)).toEqual(["image-9 damaged"]);
});

test("41: what has an image's name and is no directory is rejected, and takes nothing with it", () => {
  const { vfs, store } = twoImages(["process 1"]);
  overwrite(vfs, "image-3", new Uint8Array(10));
  symlink(vfs, "image-1", "image-4");
  symlink(vfs, "image-5", "image-5");
  mkdir(vfs, "image-6", 0o755);
  const found = store.survey("pages");
  if (isFailure(found)) throw new Error(found.errno);
  expect(found.newest?.path).toBe("image-2");
  expect(found.rejected.map(({ reason }) => reason.message)).toEqual([
    "image-3: at byte 0: expected a directory, found file",
    "image-4: at byte 0: expected a directory, found symlink",
    "image-5: at byte 0: expected a directory, found symlink",
    "image-6/manifest.json: at byte 0: expected a file or directory, found ENOENT",
  ]);
  expect(store.nextSequence()).toBe(7);
});

test("42: pages that go while they are read are missed", () => {
  const vfs = twoImages(mapNames).vfs;
  const stored = new ImageStore(vfs).open("image-1");
  const target = new Uint8Array(pageBytes);
  stored.page(0, target);
  lengthen(vfs, "image-1/pages-2.img", 4096);
  expect(() => stored.page(2, target)).toThrow("image-1/pages-2.img: at byte 4096");
});

test.skipIf(process.platform !== "linux")("41: a FIFO for a file of an image is refused, and nobody waits for it", () => {
  const directory = mkdtempSync(join(tmpdir(), "pagelapse-fifo-"));
  try {
    const vfs = openVfs(new DiskFileSystem(directory));
    const store = new ImageStore(vfs);
    const program = new Program(["process 1"]);
    program.write("process 1", 0, "a");
    program.checkpoint(store, "full");
    for (const name of ["manifest.json", "pages-1.img"]) {
      rmSync(join(directory, "image-1", name));
      execFileSync("sh", ["-c", 'mkfifo "$0"', join(directory, "image-1", name)]);
      expect(() => store.open("image-1")).toThrow("expected a file, found other");
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
