// A fault on a page that lies on the swap device: Linux's `do_swap_page`.

import { permissionOf } from "@pagelapse/checkpoint";
import { flagsOf, frameFlags, makeEntry, referencesOf, slotOf, swapPartner, decodeSwapEntry, writeEntry } from "@pagelapse/mmu";
import type { Access, Entry } from "@pagelapse/mmu";
import type { Area } from "@pagelapse/vma";
import type { Core } from "./core.ts";

/**
 * Maps the page again, from the swap cache or out of its slot. A store by the only user gets W and D at once, everybody else a
 * page that is not writable yet; soft-dirty and uffd-wp come back with it, D does not. The page keeps its slot: until it is
 * written out again (2.6), or until it is stored to (`modern`, Linux's `folio_free_swap`).
 */
export function swapIn(core: Core, area: Area, page: number, paddr: number, entry: Entry, access: Access): void {
  const { architecture, frames, ram, swap } = core;
  const { bits } = architecture;
  const slot = slotOf(ram, architecture, entry);
  const swapped = decodeSwapEntry(architecture, entry);
  let pfn = swapPartner(ram, slot);
  if (pfn === undefined) {
    pfn = core.takeFrame();
    core.recorded.copyFrame(page, pfn, slot);
    swap.join(pfn, slot);
  } else {
    frames.share(pfn);
  }
  swap.count(slot, -1);
  const mayWrite = access === "write" && isOnlyUser(core, pfn) && !swapped.uffdWp;
  const history = bits.accessed | (mayWrite ? bits.dirty : 0) | marks(core, mayWrite || swapped.softDirty, swapped.uffdWp);
  writeEntry(core, "entry-mapped", page, paddr, makeEntry(bits, pfn, permissionOf(area, mayWrite ? "own" : "borrowed"), history));
  if (mayWrite) giveUpSlot(core, pfn);
}

function marks(core: Core, softDirty: boolean, uffdWp: boolean): number {
  const { bits } = core.architecture;
  return (softDirty ? bits.softDirty : 0) | (uffdWp ? bits.uffdWp : 0);
}

/** Whether one entry leads to the frame and none to its slot: Linux's `can_share_swap_page`. */
export function isOnlyUser(core: Core, pfn: number): boolean {
  const slot = swapPartner(core.ram, pfn);
  return referencesOf(core.ram, pfn) === 1 && (slot === undefined || referencesOf(core.ram, slot) === 0);
}

/** The page is stored to: a modern kernel gives its slot up, whose bytes are old from now on; 2.6 keeps it. */
export function giveUpSlot(core: Core, pfn: number): void {
  if (core.rules.swap !== "modern" || swapPartner(core.ram, pfn) === undefined) return;
  core.swap.part(pfn);
  core.frames.setFlags(pfn, flagsOf(core.ram, pfn) | frameFlags.dirty);
}
