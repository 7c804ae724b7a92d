// Page-table entries: what their bits mean, asked with Linux's names.

import type { Architecture, EntryBits } from "./architecture.ts";
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

/** The frame number that stands in it. */
export function pteFrame(bits: EntryBits, entry: Entry): number {
  return (entry.low >>> bits.frameShift) & 0xf_ffff;
}

/** What a page allows, as an entry says it. */
export interface Permission {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/**
 * An entry for a frame, A and D as given in `history` (bits of the low word). A page that allows nothing gets
 * `protectNone` in place of P and U, as Linux's PAGE_NONE; x86 cannot forbid reading alone.
 */
export function makeEntry(bits: EntryBits, pfn: number, permission: Permission, history: number): Entry {
  const frame = (pfn << bits.frameShift) >>> 0;
  const { read, write, execute } = permission;
  const allowed = read || write || execute;
  const access = allowed ? bits.present | bits.user | (write ? bits.write : 0) : bits.protectNone;
  return { low: (frame | access | (history & (bits.accessed | bits.dirty))) >>> 0, high: allowed && !execute ? bits.noExecute : 0 };
}
