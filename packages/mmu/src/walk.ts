// The page walk, pure: from the root of a table to the entry that maps an address.

import { indexAt } from "./architecture.ts";
import type { Architecture, Level } from "./architecture.ts";
import { frameBehind, pteFrame, pteLeaf, ptePresent, pteUsable, readEntry } from "./entry.ts";
import type { Entry } from "./entry.ts";
import { allowedBelow, allowingAll, permissionThrough } from "./mapping.ts";
import type { Mapping } from "./mapping.ts";
import { frameBytes } from "./physical-memory.ts";
import type { PhysicalMemory } from "./physical-memory.ts";

/*
 * An address on x86-64, whose four tables are each one frame of 512 entries:
 *
 *      47       39 38       30 29       21 20       12 11          0
 *     +-----------+-----------+-----------+-----------+-------------+
 *     |    pgd    |    pud    |    pmd    |    pte    |   offset    |
 *     +-----------+-----------+-----------+-----------+-------------+
 *
 * The walk ends early where an entry maps memory by itself: the rest of the address is then the offset in a large page.
 */

/** One entry that a walk met. */
export interface WalkStep {
  readonly level: Level;
  readonly index: number;
  /** Physical address of the entry. */
  readonly paddr: number;
  readonly entry: Entry;
}

/** A walk as far as it came. */
export interface Walk {
  readonly steps: readonly WalkStep[];
  /** Frame number of the page of 4 KiB that was asked for; `undefined` where it has none. */
  readonly frame: number | undefined;
  /** The page, small or large, that holds it; `undefined` where there is none. `PROT_NONE` is one that allows nothing. */
  readonly mapping: Mapping | undefined;
}

/**
 * Walks the table whose root stands at `root` (a physical address; on i386-pae any multiple of 32) and tells every step.
 * An address of the kernel's half is given as `parseAddress` gives it.
 */
export function walk(memory: PhysicalMemory, architecture: Architecture, root: number, vaddr: number): Walk {
  const { bits, levels } = architecture;
  const steps: WalkStep[] = [];
  let table = root;
  let allowed = allowingAll;
  for (const level of levels) {
    const index = indexAt(level, vaddr);
    const paddr = table + index * architecture.entryBytes;
    const entry = readEntry(memory, architecture, paddr);
    steps.push({ level, index, paddr, entry });
    if (pteLeaf(bits, level, entry) || steps.length === levels.length) {
      if (!ptePresent(bits, entry)) break;
      const start = Math.floor(vaddr / level.span) * level.span;
      const frame = frameBehind(bits, level, entry, start);
      const mapping = { vaddr: start, level, paddr, entry, frame, ...permissionThrough(bits, allowed, entry) };
      return { steps, frame: frameBehind(bits, level, entry, vaddr), mapping };
    }
    if (!pteUsable(bits, entry)) break;
    allowed = allowedBelow(bits, level, allowed, entry);
    table = pteFrame(bits, entry) * frameBytes;
  }
  return { steps, frame: undefined, mapping: undefined };
}

/** The entry that ends the walk for an address. */
export interface FoundEntry {
  readonly level: Level;
  /** Physical address of the entry. */
  readonly paddr: number;
  readonly entry: Entry;
}

/**
 * The entry that maps an address, or would: a large page's, or one of the last level; `undefined` where no table leads there.
 *
 * Every miss of a TLB ends here, so it reads no more words than it must: no high word on the way down, where the memory
 * has no frame whose number would reach into it.
 */
export function findLeaf(
  memory: PhysicalMemory,
  architecture: Architecture,
  root: number,
  vaddr: number,
): FoundEntry | undefined {
  const { entryBytes, levels } = architecture;
  const { frameHigh, frameShift, present } = architecture.bits;
  const isWide = frameHigh !== 0 && memory.frameCount > 2 ** 20;
  const last = levels.length - 1;
  let table = root;
  for (let depth = 0; depth < last; depth++) {
    const level = levels[depth];
    const paddr = table + indexAt(level, vaddr) * entryBytes;
    const low = memory.readWord(paddr);
    if ((low & present) === 0 || (low & level.leaf) !== 0) return largeLeaf(memory, architecture, level, paddr);
    table = (low >>> frameShift) * frameBytes;
    if (isWide) table += (memory.readWord(paddr + 4) & frameHigh) * 2 ** (32 - frameShift) * frameBytes;
  }
  const paddr = table + indexAt(levels[last], vaddr) * entryBytes;
  return { level: levels[last], paddr, entry: readEntry(memory, architecture, paddr) };
}

function largeLeaf(memory: PhysicalMemory, architecture: Architecture, level: Level, paddr: number): FoundEntry | undefined {
  const entry = readEntry(memory, architecture, paddr);
  return pteLeaf(architecture.bits, level, entry) ? { level, paddr, entry } : undefined;
}

/** Physical address of the entry that `findLeaf` finds, or -1. */
export function findEntry(memory: PhysicalMemory, architecture: Architecture, root: number, vaddr: number): number {
  return findLeaf(memory, architecture, root, vaddr)?.paddr ?? -1;
}

/** Is told of an entry; `vaddr` is where the page begins that it maps, `paddr` where the entry stands. */
export type EntryVisitor = (vaddr: number, paddr: number, entry: Entry, level: Level) => void;

/**
 * Visits, in order of address, every entry that is not none and maps memory of [start, end), or once did: those of the
 * last level, and those of large pages, which may begin before `start` and end after `end`. Absent tables cost nothing.
 */
export function visitEntries(
  memory: PhysicalMemory,
  architecture: Architecture,
  root: number,
  start: number,
  end: number,
  visit: EntryVisitor,
): void {
  visitTable({ memory, architecture, start, end, bits: anyBits, visit }, root, 0, 0);
}

/** `visitEntries` of those whose low word has one of `bits`; the others cost next to nothing. */
export function visitEntriesWith(
  memory: PhysicalMemory,
  architecture: Architecture,
  root: number,
  start: number,
  end: number,
  bits: number,
  visit: EntryVisitor,
): void {
  visitTable({ memory, architecture, start, end, bits, visit }, root, 0, 0);
}

/** Stands for no question about bits. */
const anyBits = 0;

/** A visit of the entries of a range. */
interface Visit {
  readonly memory: PhysicalMemory;
  readonly architecture: Architecture;
  readonly start: number;
  readonly end: number;
  /** Entries of pages that have none of these low bits are passed over; 0: none are. */
  readonly bits: number;
  readonly visit: EntryVisitor;
}

/** Visits what a table maps, whose first entry stands for the page at `base`. */
function visitTable(asked: Visit, table: number, depth: number, base: number): void {
  const { memory, architecture, start, end, visit } = asked;
  const { bits, entryBytes, levels } = architecture;
  const level = levels[depth];
  const isLast = depth === levels.length - 1;
  const first = Math.max(0, Math.floor((start - base) / level.span));
  const past = Math.min(level.entryCount, Math.ceil((end - base) / level.span));
  let paddr = table + first * entryBytes;
  let vaddr = base + first * level.span;
  for (let index = first; index < past; index++, paddr += entryBytes, vaddr += level.span) {
    const low = memory.readWord(paddr);
    if (isLast && asked.bits !== anyBits && (low & asked.bits) === 0) continue;
    const high = entryBytes === 8 ? memory.readWord(paddr + 4) : 0;
    if (low === 0 && high === 0) continue;
    const entry = { low, high };
    if (isLast || pteLeaf(bits, level, entry)) {
      if (asked.bits === anyBits || (low & asked.bits) !== 0) visit(vaddr, paddr, entry, level);
    } else if (pteUsable(bits, entry)) {
      visitTable(asked, pteFrame(bits, entry) * frameBytes, depth + 1, vaddr);
    }
  }
}
