// Large pages: entries that map memory above the last level, split into tables of smaller pages, and made of them again.

import type { EntryBits, Level } from "./architecture.ts";
import {
  frameBehind,
  historyBits,
  makeEntry,
  pteFrame,
  pteLeaf,
  ptePermission,
  ptePresent,
  pteUsable,
  readEntry,
} from "./entry.ts";
import type { Entry, Permission } from "./entry.ts";
import { allocateTable, linkTable, none, writeEntry } from "./page-table.ts";
import type { TableMemory } from "./page-table.ts";
import { frameBytes } from "./physical-memory.ts";

/*
 * A large page holds one reference to each of its frames, so splitting and collapsing change tables alone:
 *
 *     pmd entry, PS: frames 512 to 1023, D      <->      pmd entry: table      pte 0: frame 512, D
 *                                                                              pte 1: frame 513, D
 *                                                                              ...
 */

/** Frames behind one entry of a level. */
export function framesBehind(level: Level): number {
  return level.span / frameBytes;
}

/**
 * An entry of any level that maps memory: `makeEntry`, and what marks a large page. `pfn` is a multiple of
 * `framesBehind(level)`.
 */
export function makeEntryAt(bits: EntryBits, level: Level, pfn: number, permission: Permission, history: number): Entry {
  const entry = makeEntry(bits, pfn, permission, history);
  return framesBehind(level) === 1 ? entry : { low: (entry.low | bits.large) >>> 0, high: entry.high };
}

/**
 * Puts a table of pages one level smaller in the place of a large page, whose entry stands at `paddr`, and which begins at
 * `vaddr`. False when no frame is free for the table; then nothing has changed.
 *
 * Linux's `__split_huge_pmd_locked` (6.18): every small page gets the permission, A, D, soft-dirty and uffd-wp of the large
 * one; and soft-dirty too where D is set, for `pte_mkdirty` sets both. The caller flushes the TLB.
 */
export function splitLargePage(memory: TableMemory, vaddr: number, paddr: number, level: Level): boolean {
  const { architecture, recorded } = memory;
  const { bits, entryBytes } = architecture;
  const large = readEntry(recorded.ram, architecture, paddr);
  if (!pteLeaf(bits, level, large) || framesBehind(level) === 1) throw new Error(`no large page at ${paddr}`);
  const table = allocateTable(memory, vaddr);
  if (table === undefined) return false;
  const small = levelBelow(memory, level);
  const history = large.low | ((large.low & bits.dirty) === 0 ? 0 : bits.softDirty);
  for (let index = 0; index < small.entryCount; index++) {
    const page = vaddr + index * small.span;
    const entry = makeEntryAt(bits, small, frameBehind(bits, level, large, page), ptePermission(bits, large), history);
    writeEntry(memory, "entry-mapped", page, table + index * entryBytes, entry);
  }
  linkTable(memory, vaddr, paddr, level, table);
  return true;
}

/**
 * Puts one large page in the place of a table, to which the entry at `paddr` leads. False, and nothing has changed, unless
 * the table's pages are all there, allow the same, and lie in frames side by side, the first at a multiple of their number;
 * or where uffd-wp is set, as Linux's khugepaged has it. (Its copy into other frames is its caller's here.)
 *
 * A, D and soft-dirty are set where any small page had them. The caller flushes the TLB.
 */
export function collapseTable(memory: TableMemory, vaddr: number, paddr: number, level: Level): boolean {
  const { architecture, frames, recorded } = memory;
  const { bits, entryBytes } = architecture;
  const link = readEntry(recorded.ram, architecture, paddr);
  if (!pteUsable(bits, link) || pteLeaf(bits, level, link)) throw new Error(`no table behind the entry at ${paddr}`);
  const small = levelBelow(memory, level);
  const table = pteFrame(bits, link);
  const first = readEntry(recorded.ram, architecture, table * frameBytes);
  const pfn = pteFrame(bits, first);
  const permission = ptePermission(bits, first);
  if ((pfn & (framesBehind(level) - 1)) !== 0 || !ptePresent(bits, first)) return false;
  let history = 0;
  for (let index = 0; index < small.entryCount; index++) {
    const entry = readEntry(recorded.ram, architecture, table * frameBytes + index * entryBytes);
    const expected = makeEntryAt(bits, small, pfn + index * framesBehind(small), permission, entry.low);
    if (entry.low !== expected.low || entry.high !== expected.high) return false;
    history |= entry.low & historyBits(bits);
  }
  if ((history & bits.uffdWp) !== 0) return false;
  writeEntry(memory, "table-unlinked", vaddr, paddr, none);
  writeEntry(memory, "entry-mapped", vaddr, paddr, makeEntryAt(bits, level, pfn, permission, history));
  frames.release(table);
  return true;
}

function levelBelow(memory: TableMemory, level: Level): Level {
  const { levels } = memory.architecture;
  return levels[levels.indexOf(level) + 1];
}
