// What a change of areas does to the page tables: entries dropped, moved, or given another protection.

import { permissionOf } from "@pagelapse/checkpoint";
import {
  clearEntry,
  ensureEntry,
  flagsOf,
  frameBehind,
  frameFlags,
  framesBehind,
  freeTables,
  isSwapPte,
  makeEntry,
  pteDirty,
  pteFrame,
  slotOf,
  visitEntries,
  writeEntry,
  zeroFrame,
} from "@pagelapse/mmu";
import type { Entry, Level } from "@pagelapse/mmu";
import { findVma } from "@pagelapse/vma";
import type { AreaChange } from "@pagelapse/vma";
import type { Core } from "./core.ts";
import { flushRange } from "./flush.ts";
import { splitEdges, splitRange } from "./large-pages.ts";
import { OutOfFrames } from "./out-of-frames.ts";
import { dropObjects, markWritten } from "./page-cache.ts";
import { isOnlyUser } from "./swap-in.ts";

/** Lets a change of areas happen, and the page tables follow. Throws `OutOfFrames` before anything has happened. */
export function applyChange(core: Core, change: AreaChange): void {
  splitBefore(core, change);
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
    case "area-freed":
      freeLazily(core, change.start, change.end);
      return;
    case "area-mapped":
    case "area-grown":
    case "area-advised":
    case "anon-vma-prepared":
    case "break-moved":
      return;
  }
  change satisfies never;
}

/** Large pages become small ones where the change treats pages one by one; else only those that reach over its ends. */
function splitBefore(core: Core, change: AreaChange): void {
  switch (change.kind) {
    case "area-moved":
      return splitRange(core, change.from, change.from + change.byteCount);
    case "area-protected":
    case "area-freed":
      return splitRange(core, change.start, change.end);
    case "area-unmapped":
    case "area-discarded":
    case "area-advised":
      return splitEdges(core, change.start, change.end);
    case "area-mapped":
    case "area-grown":
    case "anon-vma-prepared":
    case "break-moved":
      return;
  }
  change satisfies never;
}

/**
 * Linux's `zap_page_range`: every page of the range loses its frame, or its slot; a large one goes whole, so that nothing is
 * needed to give memory back. What D said of a page of the cache stays with it.
 */
function dropPages(core: Core, start: number, end: number): void {
  const { architecture, ram } = core;
  const { bits } = architecture;
  const zero = zeroFrame(ram);
  const released: number[] = [];
  changeEntries(core, start, end, (vaddr, paddr, entry, level) => {
    clearEntry(core, vaddr, paddr);
    if (isSwapPte(bits, entry)) {
      core.swap.count(slotOf(ram, architecture, entry), -1);
      return "unused";
    }
    const first = frameBehind(bits, level, entry, vaddr);
    if (pteDirty(bits, entry) && (flagsOf(ram, first) & frameFlags.cache) !== 0) markWritten(core, first);
    if (first !== zero) for (let pfn = first; pfn < first + framesBehind(level); pfn++) released.push(pfn);
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
    if (ensureEntry(core, core.task.root, to + (vaddr - from)) === undefined) throw new OutOfFrames(core.ramFrames);
  });
}

/**
 * Linux's `move_page_tables`: entries keep A and D, and are soft-dirty at their new place (`move_soft_dirty_pte`), for a
 * tracker looks at addresses; userfaultfd does not hear of their next store.
 */
function movePages(core: Core, from: number, to: number, byteCount: number): void {
  const { bits, swap } = core.architecture;
  changeEntries(core, from, from + byteCount, (vaddr, paddr, entry) => {
    const moved = to + (vaddr - from);
    const target = ensureEntry(core, core.task.root, moved);
    if (target === undefined) throw new Error(`no table leads to page ${moved}`);
    const isSwapped = isSwapPte(bits, entry);
    const [softDirty, uffdWp] = isSwapped ? [swap.softDirty, swap.uffdWp] : [bits.softDirty, bits.uffdWp];
    clearEntry(core, vaddr, paddr);
    writeEntry(core, "entry-mapped", moved, target, { low: ((entry.low & ~uffdWp) | softDirty) >>> 0, high: entry.high });
    return isSwapped ? "unused" : "changed";
  });
}

/** Linux's `change_protection`: W is never given here; the next store asks for it, and is given the frame if it is its own. */
function protectPages(core: Core, start: number, end: number): void {
  const { bits } = core.architecture;
  changeEntries(core, start, end, (vaddr, paddr, entry) => {
    if (isSwapPte(bits, entry)) return "unused";
    const area = findVma(core.task.areas, vaddr);
    if (area === undefined) throw new Error(`page ${vaddr} lies in no area`);
    const wanted = permissionOf(area, "own");
    const write = wanted.write && (entry.low & bits.write) !== 0;
    const changed = makeEntry(bits, pteFrame(bits, entry), { ...wanted, write }, entry.low);
    if (changed.low === entry.low && changed.high === entry.high) return "unused";
    writeEntry(core, "entry-protected", vaddr, paddr, changed);
    return "changed";
  });
}

/**
 * MADV_FREE, Linux's `madvise_free_pte_range`: a page that is this process's alone may be dropped by reclaim until it is stored
 * to again, so it loses D (kept for a checkpoint to come), A and its slot; one that is swapped out is dropped at once.
 */
function freeLazily(core: Core, start: number, end: number): void {
  const { architecture, frames, ram, swap } = core;
  const { bits } = architecture;
  changeEntries(core, start, end, (vaddr, paddr, entry) => {
    if (isSwapPte(bits, entry)) {
      swap.count(slotOf(ram, architecture, entry), -1);
      clearEntry(core, vaddr, paddr);
      return "unused";
    }
    const pfn = pteFrame(bits, entry);
    const flags = flagsOf(ram, pfn);
    if (pfn === zeroFrame(ram) || (flags & frameFlags.cache) !== 0 || !isOnlyUser(core, pfn)) return "unused";
    swap.part(pfn);
    const wasDirty = pteDirty(bits, entry) || (flags & frameFlags.dirty) !== 0;
    frames.setFlags(pfn, (flags & ~frameFlags.dirty) | frameFlags.lazyFree | (wasDirty ? frameFlags.pending : 0));
    if ((entry.low & (bits.accessed | bits.dirty)) === 0) return "unused";
    writeEntry(core, "dirty-cleared", vaddr, paddr, { low: (entry.low & ~(bits.accessed | bits.dirty)) >>> 0, high: entry.high });
    return "changed";
  });
}

/**
 * Visits entries, those of large pages whole, and flushes from the first to the last that changed, also where `change` gives up
 * half way: Linux's `mmu_gather`. `unused`: what no TLB can have cached changed, or nothing did.
 */
export function changeEntries(
  core: Core,
  start: number,
  end: number,
  change: (vaddr: number, paddr: number, entry: Entry, level: Level) => "changed" | "unused",
): void {
  let first = end;
  let last = start;
  try {
    visitEntries(core.ram, core.architecture, core.task.root, start, end, (vaddr, paddr, entry, level) => {
      if (change(vaddr, paddr, entry, level) === "unused") return;
      first = Math.min(first, vaddr);
      last = vaddr + level.span;
    });
  } finally {
    if (first < last) flushRange(core, first, last);
  }
}
