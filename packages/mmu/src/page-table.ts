// Changing page tables: entries written, tables linked as they are needed and freed when nothing can use them.

import type { MemoryFactName } from "@pagelapse/events";
import { indexAt } from "./architecture.ts";
import type { Architecture, Level } from "./architecture.ts";
import { pteFrame, pteLeaf, pteUsable, readEntry } from "./entry.ts";
import type { Entry } from "./entry.ts";
import type { FrameTable } from "./frame-table.ts";
import { frameBytes } from "./physical-memory.ts";
import type { RecordedRam } from "./recorded-ram.ts";

/** What it takes to change a page table. */
export interface TableMemory {
  readonly architecture: Architecture;
  readonly recorded: RecordedRam;
  readonly frames: FrameTable;
}

/** The entry that leads nowhere: Linux calls it none. */
export const none: Entry = { low: 0, high: 0 };

/** A frame of zeros for a table, as a physical address; `undefined` when no frame is free. */
export function allocateTable(memory: TableMemory, vaddr: number): number | undefined {
  const pfn = memory.frames.allocate();
  if (pfn === undefined) return undefined;
  memory.recorded.zeroFrame(vaddr, pfn);
  return pfn * frameBytes;
}

/** Physical address of the last-level entry for `vaddr`; links the tables that lack. `undefined`: no frame is free. */
export function ensureEntry(memory: TableMemory, root: number, vaddr: number): number | undefined {
  const { levels } = memory.architecture;
  return ensureEntryAt(memory, root, vaddr, levels[levels.length - 1]);
}

/**
 * Physical address of the entry of this level (one of the architecture's) for `vaddr`; links the tables that lack.
 * `undefined`: no frame is free. Throws where a large page lies in the way: it must be split first.
 */
export function ensureEntryAt(memory: TableMemory, root: number, vaddr: number, target: Level): number | undefined {
  const { architecture, recorded } = memory;
  const { bits, entryBytes, levels } = architecture;
  let table = root;
  for (const level of levels.slice(0, levels.indexOf(target))) {
    const paddr = table + indexAt(level, vaddr) * entryBytes;
    const entry = readEntry(recorded.ram, architecture, paddr);
    if (pteLeaf(bits, level, entry)) throw new Error(`a large page lies at ${vaddr}: its entry of the ${level.name} at ${paddr}`);
    if (pteUsable(bits, entry)) {
      table = pteFrame(bits, entry) * frameBytes;
      continue;
    }
    const linked = allocateTable(memory, vaddr);
    if (linked === undefined) return undefined;
    linkTable(memory, vaddr, paddr, level, linked);
    table = linked;
  }
  return table + indexAt(target, vaddr) * entryBytes;
}

/** Writes the entry of this level that leads to the table at the physical address `table`. */
export function linkTable(memory: TableMemory, vaddr: number, paddr: number, level: Level, table: number): void {
  const frame = table / frameBytes;
  const low = ((frame << memory.architecture.bits.frameShift) | level.table) >>> 0;
  writeEntry(memory, "table-linked", vaddr, paddr, { low, high: 0 });
}

/** Writes an entry and says why. */
export function writeEntry(memory: TableMemory, kind: MemoryFactName, vaddr: number, paddr: number, entry: Entry): void {
  if (memory.architecture.entryBytes === 8) memory.recorded.pair(kind, vaddr, paddr, entry.low, entry.high);
  else memory.recorded.word(kind, vaddr, paddr, entry.low);
}

/** Makes an entry none. */
export function clearEntry(memory: TableMemory, vaddr: number, paddr: number): void {
  writeEntry(memory, "entry-unmapped", vaddr, paddr, none);
}

/**
 * Frees the tables that serve only addresses of [start, end), whose entries are all none already, those of large pages
 * too; the root stays.
 * Linux: `free_pgtables`, with `start` and `end` as its floor and ceiling.
 */
export function freeTables(memory: TableMemory, root: number, start: number, end: number): void {
  freeBelow(memory, root, 0, 0, start, end);
}

function freeBelow(memory: TableMemory, table: number, depth: number, base: number, start: number, end: number): void {
  const { architecture, recorded, frames } = memory;
  const { bits, entryBytes, levels } = architecture;
  if (depth === levels.length - 1) return;
  const { span, entryCount } = levels[depth];
  const first = Math.max(0, Math.floor((start - base) / span));
  const past = Math.min(entryCount, Math.ceil((end - base) / span));
  for (let index = first; index < past; index++) {
    const paddr = table + index * entryBytes;
    const entry = readEntry(recorded.ram, architecture, paddr);
    if (!pteUsable(bits, entry)) continue;
    const child = pteFrame(bits, entry);
    const vaddr = base + index * span;
    freeBelow(memory, child * frameBytes, depth + 1, vaddr, start, end);
    if (start > vaddr || vaddr + span > end) continue;
    writeEntry(memory, "table-unlinked", vaddr, paddr, none);
    frames.release(child);
  }
}
