// Translation as the processor does it: TLB first, then the tables; A and D are set on the way.

import { catalogue } from "@pagelapse/events";
import { frameBehind, pteUsable } from "./entry.ts";
import type { Entry } from "./entry.ts";
import { writeEntry } from "./page-table.ts";
import type { TableMemory } from "./page-table.ts";
import { frameBytes } from "./physical-memory.ts";
import type { Tlb } from "./tlb.ts";
import { findLeaf } from "./walk.ts";

/** What an access wants. User and supervisor are alike: every user page carries U, and CR0.WP is set. */
export type Access = "read" | "write";

/** Returned in place of a frame: no usable entry leads to the page. */
export const NOT_PRESENT: number = -1;
/** Returned in place of a frame: the entry does not allow the access. */
export const NOT_ALLOWED: number = -2;

const FILLED = catalogue["tlb-filled"].code;
const DIRTIED = catalogue["tlb-dirtied"].code;

/**
 * The frame of the page of 4 KiB at `vpn` (vaddr / 4096) for this access, or NOT_PRESENT or NOT_ALLOWED.
 *
 * An access that the TLB cannot serve walks the tables again: a cached translation that allows less than the entry
 * costs a walk, not a fault. A is set on any access, D before the first store (Intel SDM volume 3, 4.8), both in the
 * entry that maps the page alone: those above it, as Linux writes them, have A already and forbid nothing.
 *
 * Of a large page the TLB caches the 4 KiB that were touched, as many processors do ("fracturing"; Intel SDM volume 3,
 * 4.10.2.3 allows it). Its entry has one D for all of them.
 */
export function translate(memory: TableMemory, tlb: Tlb, root: number, vpn: number, access: Access): number {
  const cached = access === "write" ? tlb.writable(vpn) : tlb.readable(vpn);
  if (cached >= 0) return cached;
  const { architecture, recorded } = memory;
  const { bits } = architecture;
  const vaddr = vpn * frameBytes;
  const found = findLeaf(recorded.ram, architecture, root, vaddr);
  if (found === undefined || !pteUsable(bits, found.entry)) return NOT_PRESENT;
  const { level, paddr } = found;
  let { entry } = found;
  if ((entry.low & (access === "write" ? bits.write : bits.read)) === 0) return NOT_ALLOWED;
  entry = setBit(memory, "accessed-set", vaddr, paddr, entry, bits.accessed);
  const dirtyBefore = (entry.low & bits.dirty) !== 0;
  if (access === "write") entry = setBit(memory, "dirty-set", vaddr, paddr, entry, bits.dirty);
  const frame = frameBehind(bits, level, entry, vaddr);
  const known = tlb.readable(vpn) >= 0;
  const flags = entry.low & ((1 << bits.frameShift) - 1);
  const slot = tlb.fill(vpn, frame, flags);
  if (slot >= 0) recorded.log.note(known && !dirtyBefore ? DIRTIED : FILLED, vaddr, frame * frameBytes + flags, slot);
  return frame;
}

function setBit(
  memory: TableMemory,
  kind: "accessed-set" | "dirty-set",
  vaddr: number,
  paddr: number,
  entry: Entry,
  bit: number,
): Entry {
  if ((entry.low & bit) !== 0) return entry;
  const changed = { low: (entry.low | bit) >>> 0, high: entry.high };
  writeEntry(memory, kind, vaddr, paddr, changed);
  return changed;
}
