// Page-table entries: what their bits mean, asked with Linux's names.

import type { Architecture, EntryBits, Level } from "./architecture.ts";
import { frameBytes } from "./physical-memory.ts";
import type { PhysicalMemory } from "./physical-memory.ts";

/** An entry as two 32-bit words; `high` is 0 where entries have four bytes. */
export interface Entry {
  readonly low: number;
  readonly high: number;
}

/** The entry at this physical address. */
export function readEntry(memory: PhysicalMemory, architecture: Architecture, paddr: number): Entry {
  return { low: memory.readWord(paddr), high: architecture.entryBytes === 8 ? memory.readWord(paddr + 4) : 0 };
}

/** Nothing was ever here, or it is gone. */
export function pteNone(entry: Entry): boolean {
  return entry.low === 0 && entry.high === 0;
}

/** It has a frame: the processor may use it, or it is `PROT_NONE` (Linux asks for either bit). */
export function ptePresent(bits: EntryBits, entry: Entry): boolean {
  return (entry.low & (bits.present | bits.protectNone)) !== 0;
}

/** The processor may use it. */
export function pteUsable(bits: EntryBits, entry: Entry): boolean {
  return (entry.low & bits.present) !== 0;
}

/** D is set: something was stored through it since it was last cleared. */
export function pteDirty(bits: EntryBits, entry: Entry): boolean {
  return (entry.low & bits.dirty) !== 0;
}

/** A is set. */
export function pteYoung(bits: EntryBits, entry: Entry): boolean {
  return (entry.low & bits.accessed) !== 0;
}

/** W is set. */
export function pteWrite(bits: EntryBits, entry: Entry): boolean {
  return (entry.low & bits.write) !== 0;
}

/** U is set: all that i386's `pte_read` asks. Asked of an absent entry it reads whatever bit stands there. */
export function pteRead(bits: EntryBits, entry: Entry): boolean {
  return (entry.low & bits.user) !== 0;
}

/** Linux's soft-dirty bit is set in an entry that has a frame; never on an architecture that has no such bit. */
export function pteSoftDirty(bits: EntryBits, entry: Entry): boolean {
  return (entry.low & bits.softDirty) !== 0;
}

/** An entry of this level ends the walk: it maps memory, and leads to no table. */
export function pteLeaf(bits: EntryBits, level: Level, entry: Entry): boolean {
  return ptePresent(bits, entry) && (entry.low & level.leaf) !== 0;
}

/** The frame number that stands in it: below 2^40 on x86, below 2^44 on sv39. */
export function pteFrame(bits: EntryBits, entry: Entry): number {
  return (entry.low >>> bits.frameShift) + (entry.high & bits.frameHigh) * (1 << (32 - bits.frameShift));
}

/**
 * The frame behind an address that an entry of this level maps: a large page is so many frames side by side, and its
 * entry names the first. (Low bits of that number are not the frame's: x86 has PAT in the lowest.)
 */
export function frameBehind(bits: EntryBits, level: Level, entry: Entry, vaddr: number): number {
  const inPage = level.span / frameBytes - 1;
  const frame = pteFrame(bits, entry);
  return frame - (frame & inPage) + (Math.floor(vaddr / frameBytes) & inPage);
}

/** What a page allows, as an entry says it. */
export interface Permission {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/** What an entry allows by itself; nothing, where the processor may not use it. */
export function ptePermission(bits: EntryBits, entry: Entry): Permission {
  const usable = pteUsable(bits, entry);
  return {
    read: usable && (entry.low & bits.read) !== 0,
    write: usable && (entry.low & bits.write) !== 0,
    execute: usable && (entry.low & bits.execute) !== 0 && (entry.high & bits.noExecute) === 0,
  };
}

/** Bits that outlive a change of protection: Linux's `_PAGE_CHG_MASK`, as far as we know its bits. */
export function historyBits(bits: EntryBits): number {
  return bits.accessed | bits.dirty | bits.softDirty | bits.uffdWp;
}

/**
 * An entry of the last level for a frame below 2^20, with the `historyBits` that `history` (a low word) has. A page that
 * allows nothing has no P (V) and no U, as Linux's PAGE_NONE; what may be written may be read, on every processor here.
 */
export function makeEntry(bits: EntryBits, pfn: number, permission: Permission, history: number): Entry {
  const frame = (pfn << bits.frameShift) >>> 0;
  const { read, write, execute } = permission;
  const allowed = read || write || execute;
  const access = (read || write ? bits.read : 0) | (write ? bits.write : 0) | (execute ? bits.execute : 0);
  const low = allowed ? bits.present | bits.user | access : bits.forbidden;
  return { low: (frame | low | (history & historyBits(bits))) >>> 0, high: allowed && !execute ? bits.noExecute : 0 };
}

/** The manual's names of the bits that are set in an entry, lowest first, NX last; software's own bits left out. */
export function entryFlags(architecture: Architecture, entry: Entry): readonly string[] {
  const names = architecture.bitNames.filter((name, bit) => name !== undefined && (entry.low & (1 << bit)) !== 0);
  const isForbidden = (entry.high & architecture.bits.noExecute) !== 0;
  return [...names.filter((name) => name !== undefined), ...(isForbidden ? ["NX"] : [])];
}
