import { compareMemory } from "@pagelapse/checkpoint";
import type { MemoryImage, WrongPage } from "@pagelapse/checkpoint";
import { frameBytes } from "@pagelapse/mmu";
import { VM_EXEC, VM_READ, VM_SHARED, VM_WRITE } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { describe, expect, test } from "vitest";
import { compareAreas } from "../src/compare-areas.ts";
import { pageAt, worldAfter } from "./history.ts";

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
  parentPid: 0,
  startBrk: 0,
  brk: 0,
  checkCount: 0,
  areas,
  leavesOut: 0,
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
