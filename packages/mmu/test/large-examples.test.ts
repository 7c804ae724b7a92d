// Large pages of more than one size, pages that allow nothing, runs of frames.

import { EventLog } from "@pagelapse/events";
import {
  allocateTable,
  architectures,
  ensureEntryAt,
  findEntry,
  framesInUse,
  FrameTable,
  makeEntryAt,
  mappings,
  Ram,
  RecordedRam,
  splitLargePage,
  Tlb,
  translate,
  visitEntries,
  visitEntriesWith,
  walk,
  writeEntry,
  x86_64,
} from "@pagelapse/mmu";
import { expect, test } from "vitest";

test("a page of 1 GiB is split into pages of 2 MiB, and one of these into pages of 4 KiB", () => {
  const recorded = new RecordedRam(new Ram(64), new EventLog());
  const memory = { architecture: x86_64, recorded, frames: new FrameTable(recorded) };
  const [, pud, pmd] = x86_64.levels;
  const root = allocateTable(memory, 0) ?? 0;
  const start = 0x40_0000_0000;
  const paddr = ensureEntryAt(memory, root, start, pud) ?? 0;
  // The frames lie beyond this RAM: nothing is stored to them here.
  writeEntry(
    memory,
    "entry-mapped",
    start,
    paddr,
    makeEntryAt(x86_64.bits, pud, 2 ** 18, { read: true, write: true, execute: false }, 0),
  );
  const page = start + 0x1234_5000;
  expect(translate(memory, new Tlb(4, 2, x86_64.bits), root, page / 4096, "write")).toBe(2 ** 18 + 0x1_2345);
  expect(findEntry(recorded.ram, x86_64, root, page)).toBe(paddr);

  expect(splitLargePage(memory, start, paddr, pud)).toBe(true);
  const middle = walk(recorded.ram, x86_64, root, page);
  expect([middle.mapping?.level.name, middle.mapping?.vaddr, middle.frame]).toEqual([
    "pmd",
    start + 0x1220_0000,
    2 ** 18 + 0x1_2345,
  ]);
  expect(middle.steps.at(-1)?.entry).toEqual({ low: 0x5220_08e7, high: 0x8000_0000 });

  expect(splitLargePage(memory, middle.mapping?.vaddr ?? 0, middle.mapping?.paddr ?? 0, pmd)).toBe(true);
  const small = walk(recorded.ram, x86_64, root, page);
  expect([small.mapping?.level.name, small.frame]).toEqual(["pte", 2 ** 18 + 0x1_2345]);
  expect(small.steps.at(-1)?.entry).toEqual({ low: 0x5234_5867, high: 0x8000_0000 });
  const counts = new Map<string, number>();
  visitEntries(recorded.ram, x86_64, root, start, start + 2 ** 30, (_vaddr, _paddr, _entry, level) => {
    counts.set(level.name, (counts.get(level.name) ?? 0) + 1);
  });
  expect([...counts]).toEqual([
    ["pmd", 511],
    ["pte", 512],
  ]);
  expect([...mappings(recorded.ram, x86_64, root)]).toHaveLength(1023);

  // One small page and one large one are made read-only: entries with a bit are those that have it, at every level.
  for (const [vaddr, level] of [
    [page, x86_64.levels[3]],
    [start, pmd],
  ] as const) {
    const at = findEntry(recorded.ram, x86_64, root, vaddr);
    writeEntry(
      memory,
      "entry-mapped",
      vaddr,
      at,
      makeEntryAt(x86_64.bits, level, 2 ** 18, { read: true, write: false, execute: false }, 0),
    );
  }
  const { write, dirty, user } = x86_64.bits;
  for (const bits of [write, dirty, user, write | dirty]) {
    const all: number[] = [];
    const withBits: number[] = [];
    visitEntries(recorded.ram, x86_64, root, 0, x86_64.taskSize, (vaddr, _, entry) => {
      if ((entry.low & bits) !== 0) all.push(vaddr);
    });
    visitEntriesWith(recorded.ram, x86_64, root, 0, x86_64.taskSize, bits, (vaddr) => withBits.push(vaddr));
    expect(withBits).toEqual(all);
    expect(withBits).toHaveLength(bits === user ? 1023 : 1021);
  }
});

test("a large page that allows nothing has frames, and is no mapping of the processor's", () => {
  for (const architecture of architectures) {
    const recorded = new RecordedRam(new Ram(64), new EventLog());
    const memory = { architecture, recorded, frames: new FrameTable(recorded) };
    const level = architecture.levels[architecture.levels.length - 2];
    const root = allocateTable(memory, 0) ?? 0;
    const paddr = ensureEntryAt(memory, root, level.span, level) ?? 0;
    const nothing = makeEntryAt(architecture.bits, level, 1024, { read: false, write: false, execute: false }, 0);
    writeEntry(memory, "entry-mapped", level.span, paddr, nothing);
    const found = walk(recorded.ram, architecture, root, level.span + 4096);
    expect([architecture.name, found.frame, found.mapping?.read]).toEqual([architecture.name, 1025, false]);
    expect([...mappings(recorded.ram, architecture, root)]).toEqual([]);
    expect(translate(memory, new Tlb(4, 2, architecture.bits), root, level.span / 4096, "read")).toBe(-1);
    expect(splitLargePage(memory, level.span, paddr, level)).toBe(true);
    expect(walk(recorded.ram, architecture, root, level.span + 4096)).toMatchObject({ frame: 1025, mapping: { read: false } });
  }
});

test("a run of frames is aligned, comes from the end, and leaves what is left over to single frames", () => {
  const recorded = new RecordedRam(new Ram(44), new EventLog());
  const frames = new FrameTable(recorded);
  expect(frames.allocateRun(16)).toBe(16);
  expect(framesInUse(recorded.ram)).toBe(17);
  expect(frames.allocateRun(16)).toBeUndefined();
  expect(frames.allocateRun(8)).toBe(8);
  const singles = Array.from({ length: 18 }, () => frames.allocate());
  expect(singles.toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([
    2, 3, 4, 5, 6, 7, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
  ]);
  expect(frames.allocate()).toBeUndefined();
  frames.release(16);
  expect(frames.allocate()).toBe(16);
});

test("a TLB forgets a range of pages, be it shorter or longer than the TLB", () => {
  for (const count of [3, 3000]) {
    const tlb = new Tlb(4, 4, x86_64.bits);
    for (const vpn of [9, 10, 11, 12, 13]) tlb.fill(vpn, vpn, 0x67);
    tlb.flushPages(10, 3);
    expect(
      tlb
        .contents()
        .map((slot) => slot.vpn)
        .toSorted((a, b) => a - b),
    ).toEqual([9, 13]);
    tlb.flushPages(10, count);
    expect([tlb.readable(9), tlb.readable(13)]).toEqual([9, count === 3 ? 13 : -1]);
  }
});
