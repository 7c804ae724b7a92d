// The page walk, pure: from the root of a table to the entry that maps an address.

import { indexAt } from "./architecture.ts";
import type { Architecture, Level } from "./architecture.ts";
import { pteFrame, pteNone, ptePresent, pteUsable, readEntry } from "./entry.ts";
import type { Entry } from "./entry.ts";
import { frameBytes } from "./physical-memory.ts";
import type { PhysicalMemory } from "./physical-memory.ts";

/*
 * An address on x86-64, whose four tables are each one frame of 512 entries:
 *
 *      47       39 38       30 29       21 20       12 11          0
 *     +-----------+-----------+-----------+-----------+-------------+
 *     |    pgd    |    pud    |    pmd    |    pte    |   offset    |
 *     +-----------+-----------+-----------+-----------+-------------+
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
  /** Frame number of the page; `undefined` where it has none. */
  readonly frame: number | undefined;
}

/** Walks the table whose root is the frame at `root` (a physical address) and tells every step. */
export function walk(memory: PhysicalMemory, architecture: Architecture, root: number, vaddr: number): Walk {
  const { bits, levels } = architecture;
  const steps: WalkStep[] = [];
  let table = root;
  for (const level of levels) {
    const index = indexAt(level, vaddr);
    const paddr = table + index * architecture.entryBytes;
    const entry = readEntry(memory, architecture, paddr);
    steps.push({ level, index, paddr, entry });
    if (steps.length === levels.length) return { steps, frame: ptePresent(bits, entry) ? pteFrame(bits, entry) : undefined };
    if (!pteUsable(bits, entry)) break;
    table = pteFrame(bits, entry) * frameBytes;
  }
  return { steps, frame: undefined };
}

/** Physical address of the last-level entry for an address, or -1 where no table leads there. */
export function findEntry(memory: PhysicalMemory, architecture: Architecture, root: number, vaddr: number): number {
  const { levels, entryBytes } = architecture;
  const { present, frameShift } = architecture.bits;
  const last = levels.length - 1;
  let table = root;
  for (let depth = 0; depth < last; depth++) {
    const low = memory.readWord(table + indexAt(levels[depth], vaddr) * entryBytes);
    if ((low & present) === 0) return -1;
    table = ((low >>> frameShift) & 0xf_ffff) * frameBytes;
  }
  return table + indexAt(levels[last], vaddr) * entryBytes;
}

/** Is told of an entry; `vaddr` is the page it maps, `paddr` where the entry stands. */
export type EntryVisitor = (vaddr: number, paddr: number, entry: Entry) => void;

/** Visits, in order of address, every last-level entry of [start, end) that is not none. Absent tables cost nothing. */
export function visitEntries(
  memory: PhysicalMemory,
  architecture: Architecture,
  root: number,
  start: number,
  end: number,
  visit: EntryVisitor,
): void {
  visitTable(memory, architecture, root, 0, 0, start, end, visit);
}

function visitTable(
  memory: PhysicalMemory,
  architecture: Architecture,
  table: number,
  depth: number,
  base: number,
  start: number,
  end: number,
  visit: EntryVisitor,
): void {
  const { bits, entryBytes, levels } = architecture;
  const { span, entryCount } = levels[depth];
  const first = Math.max(0, Math.floor((start - base) / span));
  const past = Math.min(entryCount, Math.ceil((end - base) / span));
  for (let index = first; index < past; index++) {
    const paddr = table + index * entryBytes;
    const vaddr = base + index * span;
    const entry = readEntry(memory, architecture, paddr);
    if (depth === levels.length - 1) {
      if (!pteNone(entry)) visit(vaddr, paddr, entry);
    } else if (pteUsable(bits, entry)) {
      visitTable(memory, architecture, pteFrame(bits, entry) * frameBytes, depth + 1, vaddr, start, end, visit);
    }
  }
}
