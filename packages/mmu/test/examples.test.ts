import { EventLog } from "@pagelapse/events";
import {
  FrameTable,
  RecordedRam,
  Ram,
  Tlb,
  allocateTable,
  architectureNamed,
  ensureEntry,
  findEntry,
  flagsOf,
  framesInUse,
  i386,
  makeEntry,
  pteDirty,
  pteFrame,
  ptePresent,
  pteRead,
  pteUsable,
  referencesOf,
  reservedFrames,
  walk,
  writeEntry,
  x86_64,
  zeroFrame,
} from "@pagelapse/mmu";
import type { Architecture, TableMemory } from "@pagelapse/mmu";
import { expect, test } from "vitest";

function memoryOf(architecture: Architecture, frameCount = 32): TableMemory {
  const recorded = new RecordedRam(new Ram(frameCount), new EventLog());
  return { architecture, recorded, frames: new FrameTable(recorded) };
}

test("an entry that allows nothing is present to Linux and not to the processor, and has no U", () => {
  const entry = makeEntry(x86_64.bits, 5, { read: false, write: false, execute: false }, 0);
  expect([ptePresent(x86_64.bits, entry), pteUsable(x86_64.bits, entry), pteRead(x86_64.bits, entry)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("the frame of the last 4 KiB below 4 GiB fits in an entry", () => {
  expect(pteFrame(x86_64.bits, makeEntry(x86_64.bits, 2 ** 20 - 1, { read: true, write: true, execute: true }, 0))).toBe(
    2 ** 20 - 1,
  );
});

test("a walk tells every entry it met, and stops where no table leads on", () => {
  const memory = memoryOf(x86_64);
  const root = allocateTable(memory, 0) as number;
  const paddr = ensureEntry(memory, root, 0x7f12_3456_7000) as number;
  writeEntry(memory, "entry-mapped", 0, paddr, makeEntry(x86_64.bits, 30, { read: true, write: true, execute: false }, 0x40));
  const found = walk(memory.recorded.ram, x86_64, root, 0x7f12_3456_7abc);
  expect(found.steps.map((step) => `${step.level.name} ${step.index}`)).toEqual(["pgd 254", "pud 72", "pmd 418", "pte 359"]);
  expect(found.frame).toBe(30);
  expect(pteDirty(x86_64.bits, found.steps[3].entry)).toBe(true);
  expect(found.steps[3].paddr).toBe(findEntry(memory.recorded.ram, x86_64, root, 0x7f12_3456_7abc));
  expect(walk(memory.recorded.ram, x86_64, root, 0x1000).steps).toHaveLength(1);
});

test("the frame table accounts for frames: shared, released, given out again as another allocation", () => {
  const { recorded, frames } = memoryOf(i386);
  const { ram } = recorded;
  expect(reservedFrames(2 ** 18)).toBe(1024);
  expect(zeroFrame(ram)).toBe(1);
  const pfn = frames.allocate() as number;
  frames.share(pfn);
  frames.setFlags(pfn, 1);
  expect([referencesOf(ram, pfn), flagsOf(ram, pfn), framesInUse(ram)]).toEqual([2, 1, 2]);
  frames.release(pfn);
  frames.release(pfn);
  expect([referencesOf(ram, pfn), framesInUse(ram)]).toEqual([0, 1]);
  expect(() => frames.release(pfn)).toThrow("is free");
  expect(frames.allocate()).toBe(pfn);
  expect(flagsOf(ram, pfn)).toBe(0);
});

test("frames run out, and come back", () => {
  const { frames } = memoryOf(i386, 6);
  const all = [frames.allocate(), frames.allocate(), frames.allocate(), frames.allocate()];
  expect(all).toEqual([2, 3, 4, 5]);
  expect(frames.allocate()).toBeUndefined();
  frames.release(3);
  expect(frames.allocate()).toBe(3);
});

test("sizes out of range are refused with the numbers", () => {
  expect(() => new Ram(3)).toThrow("RAM of 3 frames");
  expect(() => new Tlb(3, 1, i386.bits)).toThrow("3 sets");
  expect(() => new Tlb(4, 0, i386.bits)).toThrow("0 ways");
});

test("an architecture is found by its name", () => {
  expect(architectureNamed("i386")).toBe(i386);
  expect(architectureNamed("pdp-11")).toBeUndefined();
});
