// Migration: a page moves to another frame, and nobody who uses it by address can tell.

import {
  flagsOf,
  findEntry,
  frameBytes,
  frameFlags,
  makeEntry,
  pteFrame,
  ptePermission,
  ptePresent,
  readEntry,
  swapPartner,
  writeEntry,
  zeroFrame,
} from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { flushPage } from "./flush.ts";
import { splitAround } from "./large-pages.ts";
import { mappingsOf } from "./mappings-of.ts";
import { pinsOf } from "./pins-of.ts";
import { failed } from "./result.ts";

/**
 * move_pages(2) of one private page: its bytes, flags and slot go to another frame, every entry follows with A, D, soft-dirty
 * and what it allows. EFAULT: no area is there, or the zero frame; ENOENT: the page has no frame; EBUSY: one of the page cache, which
 * stays here, or pinned; ENOMEM: there is no other frame.
 */
export function migratePage(core: Core, vaddr: number): Result {
  const { architecture, frames, ram, recorded, swap } = core;
  const { bits } = architecture;
  if (areaAt(core.task.areas, vaddr) === undefined) return failed("EFAULT");
  splitAround(core, vaddr);
  const paddr = findEntry(ram, architecture, core.task.root, vaddr);
  const entry = paddr < 0 ? undefined : readEntry(ram, architecture, paddr);
  if (entry === undefined || !ptePresent(bits, entry)) return failed("ENOENT");
  const from = pteFrame(bits, entry);
  const flags = flagsOf(ram, from);
  if (from === zeroFrame(ram)) return failed("EFAULT");
  if ((flags & frameFlags.cache) !== 0 || pinsOf(core, from) > 0) return failed("EBUSY");
  const to = frames.allocate();
  if (to === undefined) return failed("ENOMEM");
  const mappings = mappingsOf(core, from);
  recorded.copyFrame(vaddr - (vaddr & (frameBytes - 1)), to, from);
  const slot = swapPartner(ram, from);
  swap.part(from);
  if (slot !== undefined) swap.join(to, slot);
  frames.setFlags(to, flags);
  mappings.forEach((mapping, index) => {
    if (index > 0) frames.share(to);
    core.actFor(mapping.task, () => {
      const moved = makeEntry(bits, to, ptePermission(bits, mapping.entry), mapping.entry.low);
      writeEntry(core, "entry-mapped", mapping.vaddr, mapping.paddr, moved);
      flushPage(core, mapping.vaddr);
    });
    frames.release(from);
  });
  return { kind: "done", value: 0 };
}
