// Images made by somebody who means harm, or by nobody who knows the format: each is refused for what is wrong with it.

import { mkdir, readFile, symlink, unlink, vfsRename } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import type { Area } from "@pagelapse/vma";
import { expect, test } from "vitest";
import { BadImage } from "../../src/bad-image.ts";
import { crc32c } from "../../src/image/crc32c.ts";
import type { PageRun } from "../../src/image/page-run.ts";
import type { ProcessImage, TreeImage } from "../../src/image/tree-image.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { copyOf, forgeManifest, forgeText, lengthen, overwrite, repair, twoImages } from "./forge.ts";
import { Program, mapNames, memoryIn, runLengths } from "./program.ts";

const original = twoImages(mapNames);
const compressed = twoImages(["process 1"], "compressed");
const lines = twoImages(["process 1"], "lines");

/** Why the image at a path is not believed. */
function refusal(vfs: Vfs, path = "image-2"): string {
  try {
    memoryIn(new ImageStore(vfs, { codecs: [runLengths] }).openChain(path));
    return "believed";
  } catch (error) {
    if (error instanceof BadImage) return error.message;
    throw error;
  }
}

/** Another tree in the manifest of image-2, with the right checksum. */
function tree(change: (image: TreeImage) => Partial<TreeImage>): (vfs: Vfs) => void {
  return (vfs) =>
    forgeManifest(vfs, "image-2", (manifest) => ({ ...manifest, image: { ...manifest.image, ...change(manifest.image) } }));
}

/** Another first process. */
function process(change: (process: ProcessImage) => Partial<ProcessImage>): (vfs: Vfs) => void {
  return tree(({ processes: [first, ...others] }) => ({ processes: [{ ...first, ...change(first) }, ...others] }));
}

type Run = readonly [start: number, pageCount: number, kind: PageRun["kind"]];

/** Other runs of pages in the first process, whose area begins at 0x10000 and has four pages. */
function runs(...runs: readonly Run[]): (vfs: Vfs) => void {
  return process(() => ({ runs: runs.map(([start, pageCount, kind]) => ({ start, pageCount, kind })) }));
}

/** Another first area of the first process. */
function area(change: Partial<Area>): (vfs: Vfs) => void {
  return process(({ areas: [first, ...others] }) => ({ areas: [{ ...first, ...change }, ...others], runs: [] }));
}

/** Another text in the manifest of image-2, with the right checksum. */
function text(search: string | RegExp, replace: string): (vfs: Vfs) => void {
  return (vfs) => {
    const bytes = readFile(vfs, "image-2/manifest.json") as Uint8Array;
    const forged = forgeText(bytes, (body) => body.replace(search, () => replace));
    expect(forged).not.toEqual(bytes);
    overwrite(vfs, "image-2/manifest.json", forged);
  };
}

/** Other bytes in a file. */
function bytes(path: string, change: (bytes: Uint8Array) => Uint8Array): (vfs: Vfs) => void {
  return (vfs) => overwrite(vfs, path, change(readFile(vfs, path) as Uint8Array));
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const page = 4096;
const last = 0x7fff_ffff_e000;

/** A number for each kind of harm (truncation 2 and flips 3 are in flips.test.ts), what is done to `image-2`, and what is said of it. */
const rows: readonly (readonly [number, string, (vfs: Vfs) => void, RegExp])[] = [
  [1, "an empty manifest", bytes("image-2/manifest.json", () => new Uint8Array(0)), /expected JSON/],
  [1, "an empty file of CRIU's", bytes("image-2/mm-1.img", () => new Uint8Array(0)), /expected a file of \d+ bytes, found 0/],
  [4, "a byte behind the manifest", bytes("image-2/manifest.json", (all) => joined(all, utf8(" "))), /found " "/],
  [
    4,
    "a byte behind pages",
    bytes("image-2/pages-1.img", (all) => joined(all, utf8(" "))),
    /expected a file of 4096 bytes, found 4097/,
  ],
  [4, "a byte behind the checksums", bytes("image-2/checksums", (all) => joined(all, utf8(" "))), /expected a file of \d+ bytes/],
  [5, "the manifest twice", bytes("image-2/manifest.json", (all) => joined(all, all)), /expected JSON/],
  [
    6,
    "another JSON file",
    bytes("image-2/manifest.json", () => utf8("{}\n")),
    /expected one of pagelapse-image as format, found nothing/,
  ],
  [6, "an ELF file", bytes("image-2/manifest.json", () => Uint8Array.of(0x7f, 0x45, 0x4c, 0x46)), /expected JSON/],
  [8, "a version to come", text('"version":1', '"version":2'), /expected format version 1, found 2/],
  [9, "a member that nobody knows", text('"moment":', '"mood":1,"moment":'), /expected the one spelling/],
  [10, "2^53 pages in a run", runs([0x10000, 2 ** 53, "DATA"]), /pages in a run: an integer from 1/],
  [10, "-1 pages in a run", runs([0x10000, -1, "DATA"]), /pages in a run: an integer from 1/],
  [
    10,
    "a file of pages of 2^53 bytes",
    text(/"pages-1.img","byteCount":4096/, '"pages-1.img","byteCount":9007199254740992'),
    /expected 4096 bytes of pages-1.img, found 9007199254740992/,
  ],
  [11, "more pages than an image lists", runs([0x10000, 2 ** 22 + 1, "ZERO"]), /pages in a run: an integer from 1 to 4194304/],
  [13, "a run of no pages", runs([0x10000, 0, "DATA"]), /pages in a run: an integer from 1/],
  [15, "runs over each other", runs([0x10000, 2, "DATA"], [0x11000, 1, "ZERO"]), /a page: an integer from 73728/],
  [16, "runs out of order", runs([0x12000, 1, "DATA"], [0x10000, 1, "DATA"]), /a page: an integer from 77824/],
  [16, "one run said as two", runs([0x10000, 1, "DATA"], [0x11000, 1, "DATA"]), /neighbouring pages of one kind in one run/],
  [17, "a page twice", runs([0x10000, 1, "DATA"], [0x10000, 1, "DATA"]), /a page: an integer from 69632/],
  [18, "an address with an exponent", text('"runs":[[65536,', '"runs":[[65536e0,'), /the one spelling/],
  [
    18,
    "an address that is text",
    text('"runs":[[65536,', '"runs":[["65536",'),
    /expected a number as processes\[0\].runs\[0\].0, found "65536"/,
  ],
  [
    18,
    "an address that is nothing",
    text('"runs":[[65536,', '"runs":[[null,'),
    /expected a number as processes\[0\].runs\[0\].0, found null/,
  ],
  [18, "an address of -0", text('"runs":[[65536,', '"runs":[[-0,'), /pages in areas, found page 0/],
  [18, "an address of 1.5", text('"runs":[[65536,', '"runs":[[1.5,'), /a page: an integer/],
  [18, "an address of 2^53 + 1", text('"runs":[[65536,', '"runs":[[9007199254740993,'), /a page: an integer/],
  [18, "an address without end", text('"runs":[[65536,', '"runs":[[1e999,'), /a page: an integer/],
  [
    19,
    "an address that is none on x86-64",
    area({ start: 0x8000_0000_0000, end: 0x8000_0000_1000 }),
    /the start of an area: an integer/,
  ],
  [20, "an area that begins in a page", area({ start: 0x10800 }), /the start of an area at a multiple of 4096, found 67584/],
  [20, "a page at no page's address", runs([0x10001, 1, "DATA"]), /a page at a multiple of 4096/],
  [21, "an area behind 2^64", area({ end: 2 ** 64 }), /the end of an area: an integer/],
  [22, "an area over the last page of user space", area({ start: last, end: last + 2 * page }), /the end of an area: an integer/],
  [24, "areas over each other", area({ end: 0x21000 }), /the start of an area: an integer from 135168/],
  [24, "an empty area", area({ end: 0x10000 }), /the end of an area: an integer from 69632/],
  [24, "an area that ends before it begins", area({ end: 0xf000 }), /the end of an area: an integer from 69632/],
  [
    24,
    "65,531 areas",
    process(({ areas: [first] }) => ({ areas: manyAreas(first, 65_531), runs: [] })),
    /at most 65530 areas, found 65531/,
  ],
  [25, "a flag that Linux does not have", area({ flags: 0x200 }), /flags that are VM_\* bits, found 0x200/],
  [25, "stores that go where nobody maps MAP_SHARED", area({ flags: 0x8 }), /VM_SHARED with VM_MAYSHARE/],
  [25, "anonymous memory both shared and private", area({ flags: 0x80 }), /anonymous memory that is shared by its object/],
  [26, "a page in no area", runs([0xf000, 2, "DATA"]), /pages in areas, found page 61440 in none/],
  [26, "a private page of shared memory", runs([0x20000, 1, "DATA"]), /DATA pages of private memory/],
  [26, "PARENT pages without a parent", tree(() => ({ parent: undefined })), /no PARENT pages without a parent/],
  [
    26,
    "a PARENT page that the parent lacks",
    (vfs) => repairedRuns(vfs, [0x11000, 1, "PARENT"]),
    /PARENT pages that the parent has, found page 69632 of process 1/,
  ],
  [
    27,
    "an image that is its own parent",
    tree(({ parent }) => ({ parent: parent && { ...parent, sequence: 2 } })),
    /the parent's sequence: an integer from 1 to 1, found 2/,
  ],
  [
    27,
    "an image that its parent builds on",
    tree(({ parent }) => ({ parent: parent && { ...parent, sequence: 3 } })),
    /the parent's sequence/,
  ],
  [29, "a parent that is missing", (vfs) => void vfsRename(vfs, "image-1", "image-7"), /image-1: .*found ENOENT/],
  [29, "another image in the parent's place", (vfs) => forgeParent(vfs), /expected the parent image-1 with the digest/],
  [34, "lists in lists, a million deep", bytes("image-2/manifest.json", () => utf8("[".repeat(1_000_000))), /expected JSON/],
  [
    34,
    "whole lists in lists",
    text('"moment":20', `"moment":${"[".repeat(100_000)}${"]".repeat(100_000)}`),
    /expected a number as moment, found a list/,
  ],
  [
    35,
    "a manifest longer than any",
    (vfs) => lengthen(vfs, "image-2/manifest.json", 2 ** 26 + 1),
    /at most 67108864 bytes, found 67108865/,
  ],
  [36, "__proto__", text('"moment":', '"__proto__":{"moment":1},"moment":'), /the one spelling/],
  [36, "constructor", text('"moment":20', '"constructor":20'), /expected a number as moment, found nothing/],
  [37, "a member twice", text('"moment":', '"moment":1,"moment":'), /the one spelling/],
  [
    37,
    "members in another order",
    text('"strategy":"plain","architecture":"x86-64"', '"architecture":"x86-64","strategy":"plain"'),
    /the one spelling/,
  ],
  [
    38,
    "bytes that are not UTF-8",
    bytes("image-2/manifest.json", (all) => all.map((byte, at) => (at === 30 ? 0xff : byte))),
    /expected UTF-8/,
  ],
  [
    38,
    "a byte order mark",
    bytes("image-2/manifest.json", (all) => joined(Uint8Array.of(0xef, 0xbb, 0xbf), all)),
    /expected JSON/,
  ],
  [38, "a lone surrogate", text('"strategy":"plain"', '"strategy":"\\ud800"'), /expected text as strategy/],
  [
    38,
    "lines that end in CRLF",
    bytes("image-2/manifest.json", (all) => joined(all.subarray(0, -1), utf8("\r\n"))),
    /the one spelling/,
  ],
  [39, "a million digits", text('"moment":20', `"moment":${"9".repeat(1_000_000)}`), /moment: an integer/],
  [
    40,
    "a file with a path for its name",
    text('"name":"checksums"', '"name":"../checksums"'),
    /image-2\/checksums: at byte 0: expected nothing of this name/,
  ],
  [
    40,
    "a file that is not the image's",
    (vfs) => overwrite(vfs, "image-2/core", utf8("x")),
    /image-2\/core: at byte 0: expected nothing of this name, found file/,
  ],
  [
    40,
    "a directory in the image",
    (vfs) => void mkdir(vfs, "image-2/more", 0o755),
    /expected nothing of this name, found directory/,
  ],
  [41, "a symlink for the image", (vfs) => moveBehindLink(vfs, "image-2", "real"), /expected a directory, found symlink/],
  [
    41,
    "a symlink for the manifest",
    (vfs) => moveBehindLink(vfs, "image-2/manifest.json", "manifest"),
    /expected a file, found symlink/,
  ],
  [41, "a symlink for pages", (vfs) => moveBehindLink(vfs, "image-2/pages-1.img", "pages"), /expected a file, found symlink/],
  [41, "a directory for pages", (vfs) => directoryFor(vfs, "image-2/pages-1.img"), /expected a file, found directory/],
  [
    41,
    "a parent link that leads elsewhere",
    (vfs) => relink(vfs, "../../etc"),
    /expected a symlink to ..\/image-1, found one to ..\/..\/etc/,
  ],
  [41, "no parent link", (vfs) => void unlink(vfs, "image-2/parent"), /expected a symlink to ..\/image-1, found ENOENT/],
  [
    51,
    "a hundred thousand processes",
    tree(({ processes: [, child] }) => ({ processes: Array.from({ length: 100_000 }, () => child) })),
    /a parent before its child/,
  ],
  [
    51,
    "a hundred thousand shared memories",
    tree(({ shared: [first] }) => ({ shared: Array.from({ length: 100_000 }, () => first) })),
    /each shared memory once, found object 7/,
  ],
];

test.each(rows)("%i: %s is refused", (_, __, change, expected) => {
  const vfs = copyOf(original.vfs);
  change(vfs);
  expect(refusal(vfs)).toMatch(expected);
});

/** The same of compressed pages: the table says how long each block is and its checksum, then come runs of bytes. */
test.each<readonly [number, string, (vfs: Vfs) => void, RegExp]>([
  [
    10,
    "a block of 2^32 - 1 bytes",
    block((file) => put32(file, 0, 0xffff_ffff)),
    /a block of at most 524288 bytes, found 4294967295/,
  ],
  [12, "blocks that end behind the file", block((file) => put32(file, 0, 100)), /expected blocks of \d+ bytes in all, found 108/],
  [
    31,
    "a block that becomes more than its pages",
    block((file) => sealBlock(joined(file, Uint8Array.of(255, 1)))),
    /expected 4096 bytes compressed by run-lengths/,
  ],
  [
    31,
    "a block that becomes less than its pages",
    block((file) => sealBlock(file.subarray(0, -2))),
    /expected 4096 bytes compressed by run-lengths/,
  ],
  [32, "a block with another checksum", block((file) => put32(file, 4, 7)), /expected a block with the checksum 7/],
  [33, "a codec that nobody brought", (vfs) => otherCodec(vfs), /a codec at hand \(run-lengths\), found by twice/],
])("%i, compressed: %s is refused", (_, __, change, expected) => {
  const vfs = copyOf(compressed.vfs);
  expect(refusal(vfs)).toBe("believed");
  change(vfs);
  expect(refusal(vfs)).toMatch(expected);
});

test("12, lines: a mask of more lines than stand there is refused", () => {
  const vfs = copyOf(lines.vfs);
  expect(refusal(vfs)).toBe("believed");
  bytes("image-2/pages.lines", (all) => all.map((byte, at) => (at === 7 ? byte ^ 1 : byte)))(vfs);
  expect(refusal(vfs)).toMatch(/expected masks of 72 bytes in all, found 136/);
});

test("what is not changed is believed, and what is right about images and is seldom seen", () => {
  expect(refusal(original.vfs)).toBe("believed");
  const vfs = copyOf(original.vfs);
  // 22 and 23: the last page of user space, and addresses whose low 32 bits are the same.
  const [first] = new Program(["process 1"]).makeImage(1, "full", "raw").image.processes;
  const [low] = first.areas;
  const areas = [low, { ...low, start: 0x1_0001_0000, end: 0x1_0001_1000 }, { ...low, start: last, end: last + page }];
  const at = [0x10000, 0x1_0001_0000, last];
  const spread = { ...first, areas, runs: at.map((start): PageRun => ({ start, pageCount: 1, kind: "DATA" })) };
  const store = new ImageStore(vfs);
  const made = { ...new Program(["process 1"]).makeImage(5, "full", "raw").image, processes: [spread] };
  expect(store.commit(made, { encoding: "raw", read: (index, target) => void target.fill(0x61 + index) })).toMatchObject({
    kind: "committed",
  });
  expect(memoryIn(store.openChain("image-5"))).toBe("process 1: 10000=a 100010000=b 7fffffffe000=c");
});

function manyAreas(first: Area, count: number): readonly Area[] {
  return Array.from({ length: count }, (_, index) => ({ ...first, start: index * 2 * page, end: (index * 2 + 1) * page }));
}

/** Runs in the first process of image-2 with all the rest right. */
function repairedRuns(vfs: Vfs, ...run: readonly Run[]): void {
  runs(...run)(vfs);
  overwrite(vfs, "image-2/pages-1.img", new Uint8Array(0));
  overwrite(vfs, "image-2/checksums", new Uint8Array(0));
  repair(vfs, "image-2");
}

/** Image-1 is another one, and whole. */
function forgeParent(vfs: Vfs): void {
  forgeManifest(vfs, "image-1", (manifest) => ({ ...manifest, image: { ...manifest.image, moment: 11 } }));
}

function moveBehindLink(vfs: Vfs, path: string, name: string): void {
  vfsRename(vfs, path, name);
  symlink(vfs, path.includes("/") ? `../${name}` : name, path);
}

function directoryFor(vfs: Vfs, path: string): void {
  unlink(vfs, path);
  mkdir(vfs, path, 0o755);
}

function relink(vfs: Vfs, target: string): void {
  unlink(vfs, "image-2/parent");
  symlink(vfs, target, "image-2/parent");
}

function block(change: (file: Uint8Array) => Uint8Array): (vfs: Vfs) => void {
  return (vfs) => {
    bytes("image-2/pages.compressed", change)(vfs);
    repair(vfs, "image-2");
  };
}

function put32(file: Uint8Array, at: number, value: number): Uint8Array {
  const changed = file.slice();
  new DataView(changed.buffer).setUint32(at, value, true);
  return changed;
}

/** The one block of a file, with its table put right. */
function sealBlock(file: Uint8Array): Uint8Array {
  const content = file.subarray(8);
  return put32(put32(file, 0, content.length), 4, crc32c(content));
}

function otherCodec(vfs: Vfs): void {
  forgeManifest(vfs, "image-2", (manifest) => ({ ...manifest, pages: { encoding: "compressed", codec: "twice" } }));
}
