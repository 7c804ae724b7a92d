// Mappings: pages, small and large, with what all the tables above them leave allowed.

import type { Architecture, EntryBits, Level } from "./architecture.ts";
import { frameBehind, pteFrame, pteLeaf, ptePermission, pteUsable, readEntry } from "./entry.ts";
import type { Entry, Permission } from "./entry.ts";
import { frameBytes } from "./physical-memory.ts";
import type { PhysicalMemory } from "./physical-memory.ts";

/** A page that has a frame. */
export interface Mapping extends Permission {
  /** Where it begins; it is `level.span` bytes long. */
  readonly vaddr: number;
  /** The level whose entry maps it. */
  readonly level: Level;
  /** Physical address of that entry. */
  readonly paddr: number;
  readonly entry: Entry;
  /** Its first frame; the others lie behind it. */
  readonly frame: number;
  /** Programs may touch it; else the kernel alone. `read`, `write` and `execute` hold for whoever may. */
  readonly user: boolean;
}

/** Bits of an entry that the entries on the way to it did not take away: W and U of the low word, NX of the high one. */
export interface Allowed {
  readonly low: number;
  readonly noExecute: number;
}

/** At the root nothing is taken away. */
export const allowingAll: Allowed = { low: 0xffff_ffff, noExecute: 0 };

/**
 * What is left behind an entry that leads to a table. W and U hold where every entry has them, NX where one has it
 * (Intel SDM volume 3, 4.6); the entries of some levels say nothing of it, which `Level.table` tells.
 */
export function allowedBelow(bits: EntryBits, level: Level, allowed: Allowed, entry: Entry): Allowed {
  const limiting = level.table & (bits.write | bits.user);
  return { low: allowed.low & (entry.low | ~limiting), noExecute: allowed.noExecute | (entry.high & bits.noExecute) };
}

/** What is left of an entry that maps memory. */
export function permissionThrough(bits: EntryBits, allowed: Allowed, entry: Entry): Permission & { readonly user: boolean } {
  const low = entry.low & allowed.low;
  return { ...ptePermission(bits, { low, high: entry.high | allowed.noExecute }), user: (low & bits.user) !== 0 };
}

/**
 * Every page that the processor can use, in order of address, the whole address space through: what QEMU prints as
 * `info tlb`. A table that stands in several places is walked in each of them.
 */
export function* mappings(memory: PhysicalMemory, architecture: Architecture, root: number): Generator<Mapping, void> {
  yield* mappingsOf(memory, architecture, root, 0, 0, allowingAll);
}

function* mappingsOf(
  memory: PhysicalMemory,
  architecture: Architecture,
  table: number,
  depth: number,
  base: number,
  allowed: Allowed,
): Generator<Mapping, void> {
  const { bits, entryBytes, levels } = architecture;
  const level = levels[depth];
  for (let index = 0; index < level.entryCount; index++) {
    const paddr = table + index * entryBytes;
    const vaddr = base + index * level.span;
    const entry = readEntry(memory, architecture, paddr);
    if (!pteUsable(bits, entry)) continue;
    if (pteLeaf(bits, level, entry)) {
      const frame = frameBehind(bits, level, entry, vaddr);
      yield { vaddr, level, paddr, entry, frame, ...permissionThrough(bits, allowed, entry) };
    } else if (depth < levels.length - 1) {
      const below = allowedBelow(bits, level, allowed, entry);
      yield* mappingsOf(memory, architecture, pteFrame(bits, entry) * frameBytes, depth + 1, vaddr, below);
    }
  }
}

/** Pages side by side that are alike. */
export interface MappingRun {
  readonly start: number;
  readonly end: number;
  /** The first of them, and the last. */
  readonly first: Mapping;
  readonly last: Mapping;
}

/**
 * Joins neighbours that are alike: `alike` is asked of two pages of which the second begins where the first ends. What
 * is alike is the caller's: QEMU's `info mem` asks for U and W on x86, for all flags and neighbouring frames on RISC-V.
 */
export function* mappingRuns(
  pages: Iterable<Mapping>,
  alike: (before: Mapping, next: Mapping) => boolean,
): Generator<MappingRun, void> {
  let run: MappingRun | undefined;
  for (const page of pages) {
    const end = page.vaddr + page.level.span;
    if (run !== undefined && run.end === page.vaddr && alike(run.last, page)) {
      run = { ...run, end, last: page };
      continue;
    }
    if (run !== undefined) yield run;
    run = { start: page.vaddr, end, first: page, last: page };
  }
  if (run !== undefined) yield run;
}
