// Large pages of a task: split where something small is to happen, and made of small ones by hand.

import {
  collapseTable,
  ensureEntryAt,
  findLeaf,
  flagsOf,
  frameBytes,
  framesBehind,
  isSwapPte,
  makeEntry,
  pteFrame,
  pteLeaf,
  ptePermission,
  readEntry,
  referencesOf,
  splitLargePage,
  visitEntries,
  writeEntry,
  zeroFrame,
} from "@pagelapse/mmu";
import type { Level } from "@pagelapse/mmu";
import { VM_SHARED, areaAt, prepareAnonVma } from "@pagelapse/vma";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { flushRange } from "./flush.ts";
import { OutOfFrames } from "./out-of-frames.ts";
import { permissionOf } from "./permission-of.ts";
import { pinsOf } from "./pins-of.ts";

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

/** `split_huge_page` of the page that holds `vaddr`. EINVAL when it is not large. */
export function splitPage(core: Core, vaddr: number): Result {
  const { architecture, ram } = core;
  const leaf = findLeaf(ram, architecture, core.task.root, vaddr);
  if (leaf === undefined || !pteLeaf(architecture.bits, leaf.level, readEntry(ram, architecture, leaf.paddr)))
    return failed("EINVAL");
  if (framesBehind(leaf.level) === 1) return failed("EINVAL");
  splitAround(core, vaddr);
  return { kind: "done", value: 0 };
}

/**
 * MADV_COLLAPSE, and what khugepaged does by itself: the private anonymous memory around `vaddr`, as much as an entry one level
 * up maps, is copied into frames side by side and mapped as one. Pages never touched become zeros. EINVAL: no such area there;
 * EBUSY: a page is swapped out, shared, pinned or protected differently; ENOMEM: no frames side by side.
 */
export function collapsePages(core: Core, vaddr: number): Result {
  const { architecture, frames, ram, recorded } = core;
  const { bits, levels } = architecture;
  const level = levels[levels.length - 2];
  const start = vaddr - (vaddr & (level.span - 1));
  const area = areaAt(core.task.areas, start);
  if (area === undefined || area.end < start + level.span || !isPrivateAnonymous(area)) return failed("EINVAL");
  const present: { readonly page: number; readonly pfn: number; readonly low: number }[] = [];
  let isFit = true;
  visitEntries(ram, architecture, core.task.root, start, start + level.span, (page, _, entry, at) => {
    const pfn = pteFrame(bits, entry);
    const isOwn =
      !isSwapPte(bits, entry) && (pfn === zeroFrame(ram) || (referencesOf(ram, pfn) === 1 && pinsOf(core, pfn) === 0));
    if (at === level || !isOwn || (entry.low & bits.uffdWp) !== 0 || !ptePermission(bits, entry).read) isFit = false;
    else present.push({ page, pfn, low: entry.low });
  });
  if (!isFit || present.length === 0) return failed("EBUSY");
  const first = frames.allocateRun(framesBehind(level));
  if (first === undefined) return failed("ENOMEM");

  for (const change of prepareAnonVma(core.task.areas, start)) core.happen(change);
  const permission = permissionOf(area, "own");
  const old = new Map(present.map((entry) => [entry.page, entry]));
  for (let index = 0; index < framesBehind(level); index++) {
    const page = start + index * frameBytes;
    const from = old.get(page);
    const to = first + index;
    if (from === undefined || from.pfn === zeroFrame(ram)) recorded.zeroFrame(page, to);
    else recorded.copyFrame(page, to, from.pfn);
    if (from !== undefined) frames.setFlags(to, from.pfn === zeroFrame(ram) ? 0 : flagsOf(ram, from.pfn));
    const paddr = ensureEntryAt(core, core.task.root, page, levels[levels.length - 1]);
    if (paddr === undefined) throw new OutOfFrames(core.ramFrames);
    writeEntry(core, "entry-mapped", page, paddr, makeEntry(bits, to, permission, from?.low ?? 0));
    if (from !== undefined && from.pfn !== zeroFrame(ram)) frames.release(from.pfn);
  }
  flushRange(core, start, start + level.span);
  const link = linkOf(core, start, level);
  if (link < 0 || !collapseTable(core, start, link, level)) throw new Error(`pages at ${start} did not collapse`);
  flushRange(core, start, start + level.span);
  return { kind: "done", value: 0 };
}

/** Where the entry stands that leads to the last-level table of `vaddr`. */
function linkOf(core: Core, vaddr: number, level: Level): number {
  return ensureEntryAt(core, core.task.root, vaddr, level) ?? -1;
}

function isPrivateAnonymous(area: {
  readonly file: string | undefined;
  readonly object: number | undefined;
  readonly flags: number;
}): boolean {
  return area.file === undefined && area.object === undefined && (area.flags & VM_SHARED) === 0;
}

function failed(errno: string): Result {
  return { kind: "failed", errno };
}
