import { compareProcesses, peekPage, placePages, restore } from "@pagelapse/checkpoint";
import type { MemoryImage } from "@pagelapse/checkpoint";
import { EventLog } from "@pagelapse/events";
import {
  FrameTable,
  Ram,
  RecordedRam,
  allocateTable,
  applyMemoryFact,
  findEntry,
  frameBytes,
  i386,
  pteFrame,
  readEntry,
  referencesOf,
  x86_64,
} from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { pageAt, worldAfter } from "./history.ts";
import { present } from "./present.ts";
import { files } from "./mapped-files.ts";

describe("a process restored", () => {
  const world = worldAfter("map 0 2 rw- anonymous\nstore 0 5\nmap 2 1 r-x private file\nmap 4 1 --- anonymous\nload 2");
  const page = new Uint8Array(frameBytes).fill(5);
  const image: MemoryImage = {
    pid: 3,
    parentPid: 0,
    startBrk: 0x1000,
    brk: 0x2345,
    checkCount: 1,
    areas: world.space.areas,
    leavesOut: 0,
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
    expect([entry(0), entry(4)]).toEqual([0x867, 0x960]);
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

  test("is made of events", () => {
    const log = new EventLog();
    const rebuilt = new Ram(64);
    log.listen((batch) => {
      for (let row = 0; row < batch.count; row++) applyMemoryFact(rebuilt, batch, row);
    });
    const recorded = new RecordedRam(new Ram(64), log);
    const memory = { architecture: x86_64, recorded, frames: new FrameTable(recorded) };
    const root = present(allocateTable(memory, 0));
    expect(placePages(memory, root, world.space.areas, image.pages)).toBe("placed");
    const frameOf = (number: number): number =>
      pteFrame(x86_64.bits, readEntry(recorded.ram, x86_64, findEntry(recorded.ram, x86_64, root, pageAt(number))));
    for (const number of [0, 4]) {
      expect(referencesOf(recorded.ram, frameOf(number))).toBe(1);
      expect(recorded.ram.frame(frameOf(number))).toEqual(page);
    }
    log.flush();
    expect(Buffer.compare(rebuilt.bytes, recorded.ram.bytes)).toBe(0);
  });
});
