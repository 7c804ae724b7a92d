import { compareMemory, compareProcesses, peekPage, restore } from "@pagelapse/checkpoint";
import type { MemoryImage, WrongPage } from "@pagelapse/checkpoint";
import { Ram, findEntry, frameBytes, i386, readEntry, x86_64 } from "@pagelapse/mmu";
import { MemoryFileSystem } from "@pagelapse/vfs";
import { VM_EXEC, VM_READ, VM_SHARED, VM_WRITE } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { describe, expect, test } from "vitest";
import { compareAreas } from "../src/compare-areas.ts";
import { act, pageAt, parse } from "./history.ts";
import { World, files } from "./world.ts";

function worldAfter(text: string): World {
  const world = new World(x86_64, new MemoryFileSystem());
  for (const step of parse(text)) if (step.do !== "checkpoint") act(world, step);
  return world;
}

/** `10-14 rw-p anon`: pages from and to in hexadecimal, rights, private or shared, file with offset in pages. */
function areasOf(...lines: readonly string[]): readonly Area[] {
  return lines.map((line) => {
    const [range, rights, file, offset] = line.split(" ");
    const [start, end] = range.split("-").map((page) => Number.parseInt(page, 16) * frameBytes);
    const flags = [VM_READ, VM_WRITE, VM_EXEC, VM_SHARED].reduce(
      (sum, flag, index) => sum + ("rwxs"[index] === rights[index] ? flag : 0),
      0,
    );
    const isAnonymous = file === "anon";
    const bytes = isAnonymous ? start : Number(offset) * frameBytes;
    return {
      start,
      end,
      flags,
      file: isAnonymous ? undefined : file,
      offset: bytes,
      name: "",
      object: undefined,
      anonVma: undefined,
    };
  });
}

test.each<readonly [string, readonly string[], readonly string[], readonly string[]]>([
  ["the same", ["10-14 rw-p anon"], ["10-14 rw-p anon"], []],
  ["the same in pieces", ["10-14 rw-p anon"], ["10-12 rw-p anon", "12-14 rw-p anon"], []],
  ["a file in pieces", ["10-14 r--p f 2"], ["10-12 r--p f 2", "12-14 r--p f 4"], []],
  ["nothing there", ["10-14 rw-p anon"], [], ["10-14 lost"]],
  ["something where nothing was", [], ["10-14 rw-p anon"], ["10-14 resurrected"]],
  ["a part gone", ["10-14 rw-p anon"], ["11-13 rw-p anon"], ["10-11 lost", "13-14 lost"]],
  ["a part too much", ["11-13 rw-p anon"], ["10-14 rw-p anon"], ["10-11 resurrected", "13-14 resurrected"]],
  ["one beside the other", ["10-12 rw-p anon"], ["14-16 rw-p anon"], ["10-12 lost", "14-16 resurrected"]],
  ["another protection", ["10-14 rw-p anon"], ["10-12 rw-p anon", "12-14 r--p anon"], ["12-14 stale"]],
  ["private for shared", ["10-12 rw-s f 0"], ["10-12 rw-p f 0"], ["10-12 stale"]],
  ["another file", ["10-12 r--p f 0"], ["10-12 r--p g 0"], ["10-12 stale"]],
  ["another place in it", ["10-12 r--p f 0"], ["10-12 r--p f 1"], ["10-12 stale"]],
  ["another count of anonymous memory", ["10-12 rw-p anon"], ["10-11 rw-p anon", "11-12 rw-p anon"], []],
])("areas compared: %s", (_, expected, actual, wrong) => {
  const found = compareAreas(areasOf(...expected), areasOf(...actual));
  expect(
    found.map(({ start, end, kind }) => `${(start / frameBytes).toString(16)}-${(end / frameBytes).toString(16)} ${kind}`),
  ).toEqual(wrong);
});

const pageWith = (...bytes: readonly number[]): Uint8Array => {
  const whole = new Uint8Array(frameBytes);
  whole.set(bytes);
  return whole;
};
const imageWith = (pages: readonly (readonly [number, Uint8Array])[], areas?: readonly Area[]): MemoryImage => ({
  pid: 1,
  startBrk: 0,
  brk: 0,
  checkCount: 0,
  areas,
  pages: new Map(pages.map(([number, bytes]) => [pageAt(number), bytes])),
});
const wrong = (kind: WrongPage["kind"], number: number, offset?: number): object => ({
  [kind]: 1,
  first: { kind, vaddr: pageAt(number), ...(offset === undefined ? {} : { offset }) },
});

describe("an image compared with a process", () => {
  const world = worldAfter(
    "map 0 3 rw- anonymous\nstore 0 5\nload 1\nmap 4 1 rw- private file\nload 4\nmap 5 1 rw- nobody's\nload 5",
  );
  const right = { lost: 0, stale: 0, resurrected: 0 };

  test.each<readonly [string, MemoryImage, object]>([
    ["has all that was stored", imageWith([[0, pageWith(5)]]), {}],
    [
      "may list pages that are as untouched",
      imageWith([
        [0, pageWith(5)],
        [1, pageWith()],
        [2, pageWith()],
      ]),
      {},
    ],
    ["lacks a page", imageWith([]), wrong("lost", 0, 0)],
    ["has a page with another byte", imageWith([[0, pageWith(5, 0, 0, 1)]]), wrong("stale", 0, 3)],
    [
      "has another byte where nothing was stored",
      imageWith([
        [0, pageWith(5)],
        [2, pageWith(0, 1)],
      ]),
      wrong("stale", 2, 1),
    ],
    [
      "has a page where nothing is mapped",
      imageWith([
        [0, pageWith(5)],
        [3, pageWith()],
      ]),
      wrong("resurrected", 3),
    ],
    [
      "has other bytes of a file",
      imageWith([
        [0, pageWith(5)],
        [4, pageWith()],
      ]),
      wrong("stale", 4, 0),
    ],
    [
      "has any bytes where nobody knows them",
      imageWith([
        [0, pageWith(5)],
        [5, pageWith()],
      ]),
      {},
    ],
    ["has the areas", imageWith([[0, pageWith(5)]], world.space.areas), {}],
    [
      "lacks an area",
      imageWith([[0, pageWith(5)]], world.space.areas.slice(0, 1)),
      { lost: 2, first: { kind: "lost", vaddr: pageAt(4) } },
    ],
    [
      "has a page outside its areas",
      imageWith([[0, pageWith(5)]], world.space.areas.slice(1)),
      { lost: 3, first: { kind: "lost", vaddr: pageAt(0) } },
    ],
  ])("%s", (_, candidate, outcome) => {
    const { pages, ...comparison } = compareMemory(world, candidate);
    expect(comparison).toEqual({ ...right, ...outcome });
    expect(pages).toBeGreaterThan(0);
  });
});

describe("a process restored", () => {
  const world = worldAfter("map 0 2 rw- anonymous\nstore 0 5\nmap 2 1 r-x private file\nmap 4 1 --- anonymous\nload 2");
  const page = new Uint8Array(frameBytes).fill(5);
  const image: MemoryImage = {
    pid: 3,
    startBrk: 0x1000,
    brk: 0x2345,
    checkCount: 1,
    areas: world.space.areas,
    pages: new Map([
      [pageAt(0), page],
      [pageAt(4), page],
    ]),
  };
  const options = { architecture: x86_64, frameCount: 64, files };

  test("has entries that allow what its areas allow", () => {
    const { memory, space } = restore(image, options);
    const entry = (number: number): number =>
      readEntry(memory, x86_64, findEntry(memory, x86_64, space.root, pageAt(number))).low & 0xfff;
    expect([entry(0), entry(4)]).toEqual([0x067, 0x160]);
    expect([space.pid, space.brk, space.areas]).toEqual([3, 0x2345, world.space.areas]);
    expect(memory).toBeInstanceOf(Ram);
  });

  test("differs from another where bytes or areas do", () => {
    const restored = restore(image, options);
    const other = restore(
      {
        ...image,
        pages: new Map([
          [pageAt(0), page.with(7, 6)],
          [pageAt(4), page],
        ]),
      },
      options,
    );
    expect(compareProcesses(restored, restored)).toMatchObject({ lost: 0, stale: 0, resurrected: 0 });
    expect(compareProcesses(restored, other).first).toEqual({ kind: "stale", vaddr: pageAt(0), offset: 7 });
    const fewer = restore({ ...image, areas: world.space.areas.filter(({ file }) => file === undefined) }, options);
    expect(compareProcesses(restored, fewer)).toMatchObject({ lost: 1, first: { kind: "lost", vaddr: pageAt(2) } });
    expect(compareProcesses(fewer, restored)).toMatchObject({ resurrected: 1 });
  });

  test("shows untouched pages as the files have them", () => {
    const found = new Uint8Array(frameBytes);
    expect(peekPage(restore(image, options), pageAt(2), found)).toBe("known");
    expect(found).toEqual(world.expected(pageAt(2)));
  });

  test("of an image without areas has readable and writable ones around its pages", () => {
    const { space } = restore(
      {
        ...image,
        areas: undefined,
        pages: new Map([
          [pageAt(2), page],
          [pageAt(0), page],
          [pageAt(1), page],
        ]),
      },
      { ...options, architecture: i386 },
    );
    expect(space.areas.map(({ start, end }) => [start, end])).toEqual([[pageAt(0), pageAt(3)]]);
  });

  test("needs frames enough, and pages that lie in areas", () => {
    expect(() => restore(image, { ...options, frameCount: 6 })).toThrow("6 frames are too few for 2 pages and their tables");
    expect(() => restore({ ...image, areas: [] }, options)).toThrow("lies in none of its areas");
  });
});
