// A store of images: what is committed comes back, byte for byte, and stands there as it is said to.

import {
  MemoryFileSystem,
  createVfs,
  isFailure,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  vfsRename,
  writeFileDurably,
} from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { expect, test } from "vitest";
import { ImageStore } from "../../src/store/image-store.ts";
import type { TreeImage } from "../../src/image/tree-image.ts";
import { mergeChain } from "../../src/store/merge-chain.ts";
import { processPages } from "../../src/store/process-pages.ts";
import type { StoreSurvey } from "../../src/store/survey.ts";
import { Program, memoryIn, runLengths } from "./program.ts";
import type { Encoding } from "./program.ts";

const codecs = [runLengths];

function emptyStore(): { readonly vfs: Vfs; readonly store: ImageStore } {
  const vfs = createVfs({ fileSystem: new MemoryFileSystem() });
  return { vfs, store: new ImageStore(vfs, { codecs }) };
}

function surveyed(store: ImageStore): StoreSurvey {
  const found = store.survey("pages");
  if (isFailure(found)) throw new Error(found.errno);
  return found;
}

/** Three images: full, then two increments in which pages change, become zero, appear and go. */
function threeImages(store: ImageStore, encoding: Encoding): readonly string[] {
  const program = new Program();
  const memories: string[] = [];
  const checkpoint = (): void => {
    expect(program.checkpoint(store, "increment", encoding)).toMatchObject({ kind: "committed" });
    memories.push(program.memory);
  };
  for (const page of [0, 1, 3]) program.write("process 1", page, "a");
  program.write("process 2", 2, "b");
  program.write("object 7", 1, "c");
  program.write("file /data", 0, "0");
  checkpoint();
  program.write("process 1", 1, "d", 63);
  program.write("process 1", 3, "0");
  program.write("object 7", 1, "e", 0);
  program.write("object 7", 2, "0");
  checkpoint();
  program.drop("process 1", 0);
  program.write("process 1", 3, "f", 7);
  program.write("process 2", 0, "g");
  program.write("object 7", 1, "h", 1);
  checkpoint();
  return memories;
}

test.each<Encoding>(["raw", "lines", "compressed"])("each image of a chain brings back its memory, with %s pages", (encoding) => {
  const { store } = emptyStore();
  const memories = threeImages(store, encoding);
  const { images, newest, rejected, leftovers, strangers } = surveyed(store);
  expect(images.map(({ path }) => memoryIn(store.openChain(path)))).toEqual(memories);
  expect(newest?.image.sequence).toBe(3);
  expect([rejected, leftovers, strangers]).toEqual([[], [], []]);
});

test.each<Encoding>(["raw", "lines", "compressed"])(
  "a chain of %s pages merged is a full image of the same memory",
  (encoding) => {
    const { store } = emptyStore();
    const memories = threeImages(store, encoding);
    const chain = store.openChain("image-3");
    const { image, pages } = mergeChain(chain, 4);
    expect(store.commit(image, pages)).toMatchObject({ kind: "committed", path: "image-4" });
    const merged = store.openChain("image-4");
    expect(merged.images).toHaveLength(1);
    expect(memoryIn(merged)).toBe(memories[2]);
    expect({ ...merged.image, sequence: 3 }).toEqual({
      ...chain.image,
      parent: undefined,
      processes: chain.image.processes.map((process, index) => ({ ...process, runs: merged.image.processes[index].runs })),
      shared: chain.image.shared.map((memory, index) => ({ ...memory, runs: merged.image.shared[index].runs })),
    });
    // Once more gives the same bytes.
    const again = mergeChain(merged, 4);
    expect(again.image).toEqual(merged.image);
  },
);

test("a page can be asked for by its address, in any order", () => {
  const { store } = emptyStore();
  threeImages(store, "lines");
  const chain = store.openChain("image-3");
  const target = new Uint8Array(4096);
  const letterAt = (map: number, address: number): string => {
    chain.page(map, address, target);
    return String.fromCharCode(target[0]);
  };
  expect([letterAt(1, 0x12000), letterAt(0, 0x11000), letterAt(2, 0x1000), letterAt(0, 0x10000)]).toEqual(["b", "a", "e", "\0"]);
  expect(chain.image.processes[0].runs.map(({ start }) => start)).toContain(0x11000);
  const { image, pages } = mergeChain(chain, 4);
  const backwards = Array.from({ length: 6 }, (_, index) => {
    pages.read(5 - index, target);
    return target.slice();
  });
  const forwards = Array.from({ length: 6 }, (_, index) => {
    pages.read(index, target);
    return target.slice();
  });
  expect(backwards.toReversed()).toEqual(forwards);
  expect(image.parent).toBeUndefined();
});

test("a process sees its own pages, and those of shared memory where it maps them", () => {
  const { store } = emptyStore();
  threeImages(store, "raw");
  const { image } = store.openChain("image-3");
  const seen = (index: number): readonly string[] =>
    processPages(image, index).map(
      ({ vaddr, pageCount, map, address, kind }) => `${vaddr.toString(16)}+${pageCount} ${map}:${address.toString(16)} ${kind}`,
    );
  expect(seen(0)).toEqual([
    "11000+1 0:11000 PARENT",
    "13000+1 0:13000 DATA",
    "21000+1 2:1000 DATA",
    "22000+1 2:2000 PARENT",
    "30000+1 3:0 PARENT",
  ]);
  const [first, second] = image.processes;
  const [privateArea, objectArea, fileArea] = first.areas;
  const mapped = { ...fileArea, start: 0x10000, end: 0x14000, offset: 0, flags: privateArea.flags };
  const over: TreeImage = {
    ...image,
    processes: [{ ...first, areas: [mapped, objectArea] }, second],
    shared: image.shared.map((memory) => ({ ...memory, runs: [{ start: 0, pageCount: 4, kind: "DATA" }] })),
  };
  expect(processPages(over, 0).filter(({ map }) => map !== 2)).toMatchObject([
    { vaddr: 0x10000, map: 3, address: 0, pageCount: 1 },
    { vaddr: 0x11000, map: 0, pageCount: 1 },
    { vaddr: 0x12000, map: 3, address: 0x2000, pageCount: 1 },
    { vaddr: 0x13000, map: 0, pageCount: 1 },
  ]);
  expect(seen(1)).toEqual(["10000+1 1:10000 DATA", "12000+1 1:12000 PARENT", "21000+1 2:1000 DATA", "22000+1 2:2000 PARENT"]);
});

test("an image is a directory of CRIU's files and two of our own, and a symlink to the parent", () => {
  const { vfs, store } = emptyStore();
  threeImages(store, "raw");
  const names = readdir(vfs, "image-2");
  expect(isFailure(names) ? names : names.map(({ name }) => name)).toEqual([
    "checksums",
    "core-1.img",
    "core-2.img",
    "files.img",
    "inventory.img",
    "manifest.json",
    "mm-1.img",
    "mm-2.img",
    "pagemap-1.img",
    "pagemap-2.img",
    "pagemap-file-2.img",
    "pagemap-shmem-7.img",
    "pages-1.img",
    "pages-2.img",
    "pages-3.img",
    "pages-4.img",
    "parent",
    "pstree.img",
  ]);
  expect(readlink(vfs, "image-2/parent")).toBe("../image-1");
  expect(lstat(vfs, "image-1/pages-1.img")).toMatchObject({ size: 3 * 4096 });
  expect(lstat(vfs, "image-1/parent")).toMatchObject({ errno: "ENOENT" });
});

test("the same program leaves the same bytes", () => {
  const filesOf = (): readonly unknown[] => {
    const { vfs, store } = emptyStore();
    threeImages(store, "raw");
    return ["image-1/manifest.json", "image-3/manifest.json", "image-3/checksums"].map((path) => readFile(vfs, path));
  };
  expect(filesOf()).toEqual(filesOf());
});

test("a name is never given twice, damaged and unfinished images' among them", () => {
  const { vfs, store } = emptyStore();
  expect(store.nextSequence()).toBe(1);
  mkdir(vfs, "image-4", 0o755);
  expect(store.nextSequence()).toBe(5);
  mkdir(vfs, ".tmp-7-0", 0o755);
  mkdir(vfs, ".gone-5", 0o755);
  expect(store.nextSequence()).toBe(8);
  writeFileDurably(vfs, "image-x", new Uint8Array(0));
  expect(store.nextSequence()).toBe(8);
  const { image, pages } = new Program().makeImage(4, "full", "raw");
  expect(store.commit(image, pages)).toEqual({ kind: "failed", path: "image-4", reason: "EEXIST" });
});

test("a sequence that was tried is not the next one again, though nothing is left of it", () => {
  const { vfs, store } = emptyStore();
  const fails = new ImageStore(vfs, { directory: "/missing" });
  const { image, pages } = new Program().makeImage(1, "full", "raw");
  expect(fails.commit(image, pages)).toEqual({ kind: "failed", path: "/missing", reason: "ENOENT" });
  expect(store.commit(image, { encoding: "raw", read: () => undefined })).toMatchObject({ kind: "committed" });
  vfsRename(vfs, "image-1", "elsewhere");
  expect(store.nextSequence()).toBe(2);
});

test("a tree that no reader would believe is not written, and leaves nothing", () => {
  const { vfs, store } = emptyStore();
  const { image, pages } = new Program().makeImage(1, "full", "raw");
  expect(() => store.commit({ ...image, architecture: "vax" }, pages)).toThrow("the name of an architecture");
  const program = new Program();
  program.write("process 1", 0, "a");
  const broken = program.makeImage(1, "full", "raw");
  const read = (): never => {
    throw new Error("no page");
  };
  const other = new ImageStore(vfs);
  expect(() => other.commit(broken.image, { encoding: "raw", read })).toThrow("no page");
  expect(readdir(vfs, ".")).toEqual([]);
  expect(vfs.openFiles.size).toBe(0);
});

test("an image can be opened wherever its directory is, but under no other image's name", () => {
  const { vfs, store } = emptyStore();
  const [memory] = threeImages(store, "raw");
  vfsRename(vfs, "image-1", "copy");
  expect(memoryIn(store.openChain("copy"))).toBe(memory);
  vfsRename(vfs, "copy", "image-9");
  expect(() => store.openChain("image-9")).toThrow("expected the sequence of image-9, found 1");
});
