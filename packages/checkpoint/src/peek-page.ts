// One page of a process, as a load of it would find it, looked at without faulting.

import {
  findLeaf,
  flagsOf,
  frameBehind,
  frameBytes,
  frameFlags,
  isSwapPte,
  none,
  pteDirty,
  ptePresent,
  readEntry,
  swappedFrame,
} from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { ProcessView } from "./address-space.ts";
import { cachePlace, cachedFrame } from "./page-cache.ts";

/**
 * Fills `target` (4096 bytes) with what a load of every byte of the page at `vaddr` would give, whatever the protection: its
 * frame's bytes, those on the swap device, or those that a fault would bring. `unmapped`: no area has the page, and `target` is as it was. `unknown`:
 * the bytes are those of a file whose content nobody has, and were never stored to.
 */
export function peekPage(view: ProcessView, vaddr: number, target: Uint8Array): "unmapped" | "known" | "unknown" {
  const area = areaAt(view.space.areas, vaddr);
  if (area === undefined) return "unmapped";
  const { architecture, memory } = view;
  const { bits } = architecture;
  const leaf = findLeaf(memory, architecture, view.space.root, vaddr);
  const entry = leaf === undefined ? none : readEntry(memory, architecture, leaf.paddr);
  if (leaf !== undefined && ptePresent(bits, entry)) {
    return readFrame(view, area, vaddr, frameBehind(bits, leaf.level, entry, vaddr), pteDirty(bits, entry), target);
  }
  if (isSwapPte(bits, entry)) {
    memory.read(swappedFrame(memory, architecture, entry) * frameBytes, target);
    return "known";
  }
  const place = cachePlace(architecture, area, vaddr);
  const cached = place === undefined ? undefined : cachedFrame(view, place);
  return cached === undefined ? readUntouched(view, area, vaddr, target) : readFrame(view, area, vaddr, cached, false, target);
}

/** Fills `target` with what a page of this area holds that nobody ever stored to: zeros, or the file's bytes. */
export function readUntouched(view: ProcessView, area: Area, vaddr: number, target: Uint8Array): "known" | "unknown" {
  if (area.file !== undefined) return view.files.read(area.file, area.offset + (vaddr - area.start), target);
  target.fill(0);
  return "known";
}

function readFrame(
  view: ProcessView,
  area: Area,
  vaddr: number,
  pfn: number,
  dirty: boolean,
  target: Uint8Array,
): "known" | "unknown" {
  view.memory.read(pfn * frameBytes, target);
  return dirty || !holdsFileBytes(flagsOf(view.memory, pfn)) ? "known" : readUntouched(view, area, vaddr, nothing);
}

/** Whether these are the flags of a page of the page cache that nobody has stored to, as far as D was taken already. */
export function holdsFileBytes(flags: number): boolean {
  return (flags & (frameFlags.cache | frameFlags.dirty | frameFlags.pending)) === frameFlags.cache;
}

/** Reading no byte of a file still tells whether its bytes are known. */
const nothing = new Uint8Array(0);
