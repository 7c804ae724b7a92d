// Images that CRIU wrote: opened without a manifest, and made into images of our own.

import { mkdir, unlink } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { expect, test } from "vitest";
import { ImageStore } from "../../src/store/image-store.ts";
import { ImageChain } from "../../src/store/image-chain.ts";
import { mergeChain } from "../../src/store/merge-chain.ts";
import { openCriuImage } from "../../src/store/open-criu-image.ts";
import { dump, dumpedPages } from "../criu/dump.ts";
import { filesIn, openVfs, overwrite, twoImages } from "./forge.ts";
import { mapNames, memoryIn } from "./program.ts";

/** The dump that CRIU made of a small program, in a vfs. */
function dumped(): Vfs {
  const vfs = openVfs();
  mkdir(vfs, "dump", 0o755);
  for (const [name, bytes] of dump()) overwrite(vfs, `dump/${name}`, bytes);
  for (const name of ["pages-1.img", "pages-2.img", "pages-3.img"]) overwrite(vfs, `dump/${name}`, dumpedPages(name));
  return vfs;
}

test("a dump that CRIU made can be opened, and becomes an image of ours with the same memory", () => {
  const vfs = dumped();
  const stored = openCriuImage(vfs, "dump");
  expect(stored.image).toMatchObject({ architecture: "x86-64", strategy: "criu", processes: [{}, {}] });
  expect(stored.pageCount).toBeGreaterThan(10);
  const memory = memoryIn(new ImageChain([stored]));
  const store = new ImageStore(vfs);
  const { image, pages } = mergeChain(new ImageChain([stored]), 1);
  expect(store.commit(image, pages)).toMatchObject({ kind: "committed" });
  expect(memoryIn(store.openChain("image-1"))).toBe(memory);
});

test("an image of ours without what CRIU does not know is one of CRIU's, with the same memory", () => {
  const { vfs, store } = twoImages(mapNames);
  mkdir(vfs, "plain", 0o755);
  for (const [name, bytes] of filesIn(vfs, "image-1")) if (name.endsWith(".img")) overwrite(vfs, `plain/${name}`, bytes);
  const stored = openCriuImage(vfs, "plain");
  // CRIU's files do not say which pages are zero, and here none is.
  expect(memoryIn(new ImageChain([stored]))).toBe(memoryIn(store.openChain("image-1")));
});

test("an increment of CRIU's, a file that is missing or too short, and an image of ours are told apart", () => {
  const { vfs } = twoImages(["process 1"]);
  mkdir(vfs, "increment", 0o755);
  for (const [name, bytes] of filesIn(vfs, "image-2")) overwrite(vfs, `increment/${name}`, bytes);
  expect(() => openCriuImage(vfs, "increment")).toThrow("no PARENT pages without a parent");
  const other = dumped();
  overwrite(other, "dump/pages-2.img", new Uint8Array(4096));
  expect(() => openCriuImage(other, "dump")).toThrow(/^dump\/pages-2\.img: at byte 4096: expected \d+ bytes, found 4096/);
  const missing = dumped();
  overwrite(missing, "dump/pstree.img", new Uint8Array(3));
  expect(() => openCriuImage(missing, "dump")).toThrow(/^dump\/pstree\.img: at byte 0/);
  // A store never takes an image whose manifest is gone for one of CRIU's.
  unlink(vfs, "image-1/manifest.json");
  expect(() => new ImageStore(vfs).open("image-1")).toThrow(
    "image-1/manifest.json: at byte 0: expected a file or directory, found ENOENT",
  );
});
