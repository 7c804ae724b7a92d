// A checkpoint that CRIU 4.2 made, of two processes of `dump/tiny.c` on Linux 6.18: what it holds is what the program did.

import { frameBytes } from "@pagelapse/mmu";
import type { PageRun } from "../../src/image/page-run.ts";
import { expect, test } from "vitest";
import { treeOf } from "../../src/criu/read-tree.ts";
import { dump, dumpedPages } from "./dump.ts";
import { area } from "./notation.ts";

const files = dump();
const tree = treeOf((name) => files.get(name));
const [parent, child] = tree.processes;

/** The bytes of a page of a map. */
function page(map: number, start: number): Uint8Array | undefined {
  const { name, runs } = tree.pagesFiles[map];
  const bytes = dumpedPages(name);
  let at = 0;
  for (const run of runs) {
    const within = (start - run.start) / frameBytes;
    if (within >= 0 && within < run.pageCount) return bytes.subarray((at + within) * frameBytes, (at + within + 1) * frameBytes);
    at += run.pageCount;
  }
  return undefined;
}

/** Where the page has other bytes than these, and which. */
function letters(map: number, start: number, filler = 0): Readonly<Record<number, string>> {
  return Object.fromEntries(
    [...(page(map, start) ?? [])].flatMap((byte, offset) => (byte === filler ? [] : [[offset, String.fromCodePoint(byte)]])),
  );
}

test("the tree is the program and its child", () => {
  expect(tree.architecture).toBe("x86-64");
  expect(tree.processes).toHaveLength(2);
  expect([parent.parentPid, child.parentPid]).toEqual([0, parent.pid]);
});

test("the areas are those that it mapped, and Linux's own", () => {
  const [{ object }] = tree.shared;
  const shared = `#${object}`;
  expect(parent.areas).toEqual([
    area("1024-1025 r-xp /tmp/tiny/tiny"),
    area("65536-65539 rw-p dontdump"),
    area(`131072-131074 rw-s ${shared}`),
    area("196608-196609 rw-s /tmp/tiny/shared.bin"),
    area("262144-262145 rw-p /tmp/tiny/shared.bin"),
    area("327680-327681 r--p"),
    { ...area("34359705591-34359705597 r--p [vvar] dontdump"), flags: 0x404_4471 },
    { ...area("34359705597-34359705599 r-xp [vdso]"), flags: 0x4_0075 },
    area("34359738334-34359738367 rw-p down"),
  ]);
  expect(child.areas).toEqual(parent.areas);
});

test("private pages are each process's own, and the child's store after the fork is the child's alone", () => {
  expect(letters(0, 0x1000_0000)).toEqual({ 0: "A" });
  expect(page(0, 0x1000_1000)).toBeUndefined();
  expect(letters(0, 0x1000_2000)).toEqual({ 0: "C" });
  expect([0, 1, 2].map((index) => letters(1, 0x1000_0000 + index * frameBytes))).toEqual([{ 0: "A" }, { 0: "B" }, { 0: "C" }]);
  expect(letters(0, 0x4000_0000, "f".codePointAt(0))).toEqual({ 1: "T", 2: "P" });
});

test("shared memory is there once, and files mapped MAP_SHARED are left to the disk", () => {
  expect(tree.shared.map(({ file, runs }) => ({ file, runs }))).toEqual([
    { file: undefined, runs: [{ start: 0x1000, pageCount: 1, kind: "DATA" }] },
  ]);
  expect(letters(2, 0x1000)).toEqual({ 0: "S" });
});

test("as many pages are listed as the files of pages hold", () => {
  const pageCount = (runs: readonly PageRun[]): number => runs.reduce((sum, run) => sum + run.pageCount, 0);
  for (const { name, runs } of tree.pagesFiles) expect(dumpedPages(name).length, name).toBe(pageCount(runs) * frameBytes);
});
