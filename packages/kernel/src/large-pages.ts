// Large pages of a task: split where something small is to happen, and made of small ones by hand.

import { permissionOf } from "@pagelapse/checkpoint";
import {
  collapseTable,
  ensureEntry,
  ensureEntryAt,
  findLeaf,
  flagsOf,
  frameBytes,
  frameFlags,
  framesBehind,
  isSwapPte,
  makeEntry,
  pteFrame,
  ptePermission,
  referencesOf,
  splitLargePage,
  visitEntries,
  writeEntry,
  zeroFrame,
} from "@pagelapse/mmu";
import type { Entry } from "@pagelapse/mmu";
import { VM_NOHUGEPAGE, areaAt, isAnonymous, prepareAnonVma } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { flushRange } from "./flush.ts";
import { OutOfFrames } from "./out-of-frames.ts";
import { done, failed } from "./result.ts";

/** Splits the large page that holds `vaddr`, if one does, until the page of 4 KiB there has an entry of its own. */
export function splitAround(core: Core, vaddr: number): void {
  const { architecture, ram } = core;
  const last = architecture.levels[architecture.levels.length - 1];
  for (;;) {
    const leaf = findLeaf(ram, architecture, core.task.root, vaddr);
    if (leaf === undefined || leaf.level === last) return;
    const start = vaddr - (vaddr & (leaf.level.span - 1));
    if (!splitLargePage(core, start, leaf.paddr, leaf.level)) throw new OutOfFrames(core.ramFrames);
    flushRange(core, start, start + leaf.level.span);
  }
}

/** Splits every large page that has a byte in [start, end): who changes entries meets only small ones. */
export function splitRange(core: Core, start: number, end: number): void {
  const { architecture, ram } = core;
  const last = architecture.levels[architecture.levels.length - 1];
  const large: number[] = [];
  visitEntries(ram, architecture, core.task.root, start, end, (vaddr, _, __, level) => {
    if (level !== last) large.push(vaddr);
  });
  for (const vaddr of large) splitAround(core, vaddr);
}

/** Splits the large pages that reach over the start or the end of a range, as Linux does where an area ends (`vma_adjust_trans_huge`). */
export function splitEdges(core: Core, start: number, end: number): void {
  for (const edge of [start, end]) if (!beginsPage(core, edge)) splitAround(core, edge);
}

/** Whether no large page reaches over the address: the page there, if any, begins there. */
function beginsPage(core: Core, vaddr: number): boolean {
  const leaf = findLeaf(core.ram, core.architecture, core.task.root, vaddr);
  return leaf === undefined || (vaddr & (leaf.level.span - 1)) === 0;
}

/** `split_huge_page` of the page that holds `vaddr`. EINVAL when there is none that is large. */
export function splitPage(core: Core, vaddr: number): Result {
  if (areaAt(core.task.areas, vaddr) === undefined) return failed("EINVAL");
  const leaf = findLeaf(core.ram, core.architecture, core.task.root, vaddr);
  if (leaf === undefined || framesBehind(leaf.level) === 1) return failed("EINVAL");
  splitAround(core, vaddr);
  return done;
}

/**
 * MADV_COLLAPSE, and what khugepaged does by itself: the private anonymous memory around `vaddr`, as much as an entry one level
 * up maps, is copied into frames side by side and mapped as one, which is dirty, as Linux makes it. Pages never touched become
 * zeros. EINVAL: no such area there, it wants small pages, nothing of it was touched, or a page may not be read or is
 * write-protected by userfaultfd; EAGAIN: a page is swapped out, shared or pinned (of these Linux would take the first two
 * along); ENOMEM: no frames side by side.
 */
export function collapsePages(core: Core, vaddr: number): Result {
  const { architecture, frames, ram, recorded } = core;
  const { bits, levels } = architecture;
  const level = levels[levels.length - 2];
  const start = vaddr - (vaddr & (level.span - 1));
  const area = areaAt(core.task.areas, start);
  if (area === undefined || area.end < start + level.span || !mayBeLarge(area)) return failed("EINVAL");
  if (findLeaf(ram, architecture, core.task.root, start)?.level === level) return done;
  const present = new Map<number, number>();
  let refusal: string | undefined;
  visitEntries(ram, architecture, core.task.root, start, start + level.span, (page, _, entry) => {
    refusal ??= refuse(core, entry);
    present.set(page, pteFrame(bits, entry));
  });
  if (refusal !== undefined || present.size === 0) return failed(refusal ?? "EINVAL");
  const first = frames.allocateRun(framesBehind(level));
  if (first === undefined) return failed("ENOMEM");

  for (const change of prepareAnonVma(core.task.areas, start)) core.happen(change);
  const permission = permissionOf(area, "own");
  for (let index = 0; index < framesBehind(level); index++) {
    const page = start + index * frameBytes;
    const from = present.get(page) ?? zeroFrame(ram);
    const to = first + index;
    if (from === zeroFrame(ram)) {
      recorded.zeroFrame(page, to);
    } else {
      recorded.copyFrame(page, to, from);
      frames.setFlags(to, flagsOf(ram, from) & ~frameFlags.lazyFree);
      frames.release(from);
    }
    const paddr = ensureEntry(core, core.task.root, page);
    if (paddr === undefined) throw new OutOfFrames(core.ramFrames);
    const history = bits.accessed | bits.dirty | bits.softDirty;
    writeEntry(core, "entry-mapped", page, paddr, makeEntry(bits, to, permission, history));
  }
  const link = ensureEntryAt(core, core.task.root, start, level);
  if (link === undefined || !collapseTable(core, start, link, level)) throw new Error(`pages at ${start} did not collapse`);
  flushRange(core, start, start + level.span);
  return done;
}

/** Why an entry keeps its table from becoming one page. */
function refuse({ architecture, ram }: Core, entry: Entry): "EINVAL" | "EAGAIN" | undefined {
  const { bits } = architecture;
  if (isSwapPte(bits, entry)) return "EAGAIN";
  if ((entry.low & bits.uffdWp) !== 0 || !ptePermission(bits, entry).read) return "EINVAL";
  const pfn = pteFrame(bits, entry);
  return pfn === zeroFrame(ram) || referencesOf(ram, pfn) === 1 ? undefined : "EAGAIN";
}

function mayBeLarge(area: Area): boolean {
  return isAnonymous(area) && (area.flags & VM_NOHUGEPAGE) === 0;
}
