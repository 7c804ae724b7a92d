// Reclaim: a page gives its frame up, to the swap device or to the file that it came from.

import {
  clearEntry,
  findEntry,
  flagsOf,
  frameFlags,
  pteDirty,
  pteFrame,
  ptePresent,
  readEntry,
  swapEntryFor,
  swapPartner,
  writeEntry,
  zeroFrame,
} from "@pagelapse/mmu";
import { VM_LOCKED, areaAt } from "@pagelapse/vma";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { flushPage } from "./flush.ts";
import { splitAround } from "./large-pages.ts";
import { mappingsOf } from "./mappings-of.ts";
import type { FrameMapping } from "./mappings-of.ts";
import { uncache } from "./page-cache.ts";
import { pinsOf } from "./pins-of.ts";
import { writeBackFrame } from "./write-back.ts";
import { done, failed } from "./result.ts";

/*
 * What Linux's `shrink_folio_list` does to one page, as a model of 2.6:
 *
 *   1. A page without a slot gets one, and is dirty (`add_to_swap`).
 *   2. Each entry that leads to it becomes a swap entry; D goes to PG_dirty (`try_to_unmap`).
 *   3. A dirty page is written to its slot; a clean one is dropped, for its slot has its bytes already.
 *
 * In step 3 D and PG_dirty are all that the kernel knows. Whoever clears D and hands it to nobody makes a changed page look
 * clean, and the program reads its old bytes after the next swap-in.
 */

/**
 * Takes the frame of the page at `vaddr` away from every task that maps it. EFAULT: there is no such page, or it has no
 * frame; EBUSY: it may not go (the zero frame, locked, pinned, shared anonymous memory); ENOSPC: the swap device is full.
 */
export function reclaimPage(core: Core, vaddr: number): Result {
  const area = areaAt(core.task.areas, vaddr);
  if (area === undefined) return failed("EFAULT");
  splitAround(core, vaddr);
  const paddr = findEntry(core.ram, core.architecture, core.task.root, vaddr);
  if (paddr < 0) return failed("EFAULT");
  const entry = readEntry(core.ram, core.architecture, paddr);
  if (!ptePresent(core.architecture.bits, entry)) return failed("EFAULT");
  const pfn = pteFrame(core.architecture.bits, entry);
  const flags = flagsOf(core.ram, pfn);
  if (pfn === zeroFrame(core.ram) || (area.flags & VM_LOCKED) !== 0 || pinsOf(core, pfn) > 0) return failed("EBUSY");
  if ((flags & frameFlags.cache) !== 0) return area.file === undefined ? failed("EBUSY") : reclaimCached(core, pfn);
  const mappings = mappingsOf(core, pfn);
  if ((flags & frameFlags.lazyFree) !== 0) return dropLazily(core, pfn, mappings);
  return swapOut(core, pfn, mappings);
}

/** A page of a file: written back if it is dirty, then read again when somebody wants it. */
function reclaimCached(core: Core, pfn: number): Result {
  writeBackFrame(core, pfn);
  for (const mapping of mappingsOf(core, pfn)) {
    withdraw(core, mapping, () => clearEntry(core, mapping.vaddr, mapping.paddr));
    core.frames.release(pfn);
  }
  uncache(core, pfn);
  return done;
}

/** A page of MADV_FREE: dropped, unless it was stored to since; then it is a page like any other again. */
function dropLazily(core: Core, pfn: number, mappings: readonly FrameMapping[]): Result {
  const { bits } = core.architecture;
  const flags = flagsOf(core.ram, pfn);
  const isDirty = (flags & frameFlags.dirty) !== 0 || mappings.some(({ entry }) => pteDirty(bits, entry));
  core.frames.setFlags(pfn, flags & ~frameFlags.lazyFree);
  if (isDirty) return failed("EBUSY");
  for (const mapping of mappings) {
    withdraw(core, mapping, () => clearEntry(core, mapping.vaddr, mapping.paddr));
    core.frames.release(pfn);
  }
  return done;
}

function swapOut(core: Core, pfn: number, mappings: readonly FrameMapping[]): Result {
  const { architecture, frames, ram, swap } = core;
  let slot = swapPartner(ram, pfn);
  if (slot === undefined) {
    slot = swap.findSlot();
    if (slot === undefined) return failed("ENOSPC");
    swap.join(pfn, slot);
    frames.setFlags(pfn, flagsOf(ram, pfn) | frameFlags.dirty);
  }
  for (const mapping of mappings) {
    const { entry, paddr, vaddr } = mapping;
    if (pteDirty(architecture.bits, entry)) frames.setFlags(pfn, flagsOf(ram, pfn) | frameFlags.dirty | frameFlags.pending);
    swap.count(slot, 1);
    withdraw(core, mapping, () => writeEntry(core, "entry-swapped", vaddr, paddr, swapEntryFor(ram, architecture, slot, entry)));
  }
  if ((flagsOf(ram, pfn) & frameFlags.dirty) !== 0) swap.write(mappings[0].vaddr, slot, pfn);
  mappings.forEach(() => frames.release(pfn));
  return done;
}

/** Changes an entry, and flushes it wherever its task runs. */
function withdraw(core: Core, { task, vaddr }: FrameMapping, change: () => void): void {
  core.actFor(task, () => {
    change();
    flushPage(core, vaddr);
  });
}
