// What a change of areas does to the page tables: entries dropped, moved, or given another protection.

import {
  clearEntry,
  ensureEntry,
  flagsOf,
  frameBytes,
  frameFlags,
  freeTables,
  makeEntry,
  pteDirty,
  pteFrame,
  visitEntries,
  writeEntry,
  zeroFrame,
} from "@pagelapse/mmu";
import type { Entry } from "@pagelapse/mmu";
import { findVma } from "@pagelapse/vma";
import type { AreaChange } from "@pagelapse/vma";
import type { Core } from "./core.ts";
import { flushRange } from "./flush.ts";
import { OutOfFrames } from "./out-of-frames.ts";
import { dropObjects, markWritten } from "./page-cache.ts";
import { permissionOf } from "./page-fault.ts";

/** Lets a change of areas happen, and the page tables follow. Throws `OutOfFrames` before anything has happened. */
export function applyChange(core: Core, change: AreaChange): void {
  if (change.kind === "area-moved") ensureTables(core, change.from, change.to, change.byteCount);
  core.happen(change);
  switch (change.kind) {
    case "area-unmapped":
      dropPages(core, change.start, change.end);
      freeUnusedTables(core, change.start, change.end);
      dropObjects(core);
      return;
    case "area-discarded":
      dropPages(core, change.start, change.end);
      return;
    case "area-moved":
      movePages(core, change.from, change.to, change.byteCount);
      if (change.source === "unmapped") freeUnusedTables(core, change.from, change.from + change.byteCount);
      return;
    case "area-protected":
      protectPages(core, change.start, change.end);
      return;
    case "area-mapped":
    case "area-grown":
    case "area-advised":
    case "area-freed":
    case "anon-vma-prepared":
    case "break-moved":
      return;
  }
  change satisfies never;
}

/** Linux's `zap_page_range`: every page of the range loses its frame. What D said of a page of the cache stays with its frame. */
function dropPages(core: Core, start: number, end: number): void {
  const { bits } = core.architecture;
  const zero = zeroFrame(core.ram);
  const released: number[] = [];
  changeEntries(core, start, end, (vaddr, paddr, entry) => {
    const pfn = pteFrame(bits, entry);
    if (pteDirty(bits, entry) && (flagsOf(core.ram, pfn) & frameFlags.cache) !== 0) markWritten(core, pfn);
    if (pfn !== zero) released.push(pfn);
    clearEntry(core, vaddr, paddr);
    return "changed";
  });
  // A frame must not be given out again while a TLB still leads to it.
  for (const pfn of released) core.frames.release(pfn);
}

/** Frees the tables between the areas that are left: Linux's `free_pgtables`, floor and ceiling taken from the neighbours. */
function freeUnusedTables(core: Core, start: number, end: number): void {
  const { areas, root } = core.task;
  const { span, entryCount } = core.architecture.levels[0];
  const floor = areas.findLast((area) => area.end <= start)?.end ?? 0;
  const ceiling = findVma(areas, end)?.start ?? span * entryCount;
  freeTables(core, root, floor, ceiling);
}

/** Links the tables that a move will need; when frames run out, nothing has moved. */
function ensureTables(core: Core, from: number, to: number, byteCount: number): void {
  visitEntries(core.ram, core.architecture, core.task.root, from, from + byteCount, (vaddr) => {
    if (ensureEntry(core, core.task.root, to + (vaddr - from)) === undefined) throw new OutOfFrames(core.ram.frameCount);
  });
}

/** Linux's `move_page_tables`: entries keep A and D. */
function movePages(core: Core, from: number, to: number, byteCount: number): void {
  changeEntries(core, from, from + byteCount, (vaddr, paddr, entry) => {
    const moved = to + (vaddr - from);
    const target = ensureEntry(core, core.task.root, moved);
    if (target === undefined) throw new Error(`no table leads to page ${moved}`);
    clearEntry(core, vaddr, paddr);
    writeEntry(core, "entry-mapped", moved, target, entry);
    return "changed";
  });
}

/** Linux's `change_protection`: W is never given here; the next store asks for it, and is given the frame if it is its own. */
function protectPages(core: Core, start: number, end: number): void {
  const { bits } = core.architecture;
  changeEntries(core, start, end, (vaddr, paddr, entry) => {
    const area = findVma(core.task.areas, vaddr);
    if (area === undefined) throw new Error(`page ${vaddr} lies in no area`);
    const wanted = permissionOf(area, "own");
    const write = wanted.write && (entry.low & bits.write) !== 0;
    const changed = makeEntry(bits, pteFrame(bits, entry), { ...wanted, write }, entry.low);
    if (changed.low === entry.low && changed.high === entry.high) return "kept";
    writeEntry(core, "entry-protected", vaddr, paddr, changed);
    return "changed";
  });
}

/** Visits entries, and flushes from the first to the last that changed: Linux's `mmu_gather`. */
function changeEntries(
  core: Core,
  start: number,
  end: number,
  change: (vaddr: number, paddr: number, entry: Entry) => "changed" | "kept",
): void {
  let first = end;
  let last = start;
  visitEntries(core.ram, core.architecture, core.task.root, start, end, (vaddr, paddr, entry) => {
    if (change(vaddr, paddr, entry) === "kept") return;
    first = Math.min(first, vaddr);
    last = vaddr + frameBytes;
  });
  if (first < last) flushRange(core, first, last);
}
