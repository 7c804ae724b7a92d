// The swap device: frames above RAM that no entry maps, and what the frame table knows of them, as Linux's swap_map.

import type { Architecture } from "./architecture.ts";
import type { Entry } from "./entry.ts";
import { recordBytes, referencesOf, zeroFrame } from "./frame-table.ts";
import type { PhysicalMemory } from "./physical-memory.ts";
import type { RecordedRam } from "./recorded-ram.ts";
import { decodeSwapEntry, encodeSwapEntry } from "./swap-entry.ts";

/*
 * A slot is a frame of the device, and has a record as every frame has:
 *
 *      0             4             8             12
 *     +-------------+-------------+-------------+-------------+
 *     | references  | 0           | allocation  | frame       |     of a slot
 *     | references  | flags       | allocation  | slot        |     of a frame in RAM that is in use
 *     +-------------+-------------+-------------+-------------+
 *
 * A slot's references are the swap entries that name it; `allocation` counts how often a page was written to it, so that
 * slot and allocation name one content for good. `frame` and `slot` lead to each other while the page is in the swap
 * cache: in both places, 0 when it is not. The word of the zero frame's record that would be its slot holds the first
 * frame of the device.
 */
const ALLOCATION = 8;
const PARTNER = 12;
/** Number of the one swap device in entries. */
const device = 0;

/** The first frame of the swap device; the number of frames when there is none. */
export function swapStart(memory: PhysicalMemory): number {
  return memory.readWord(zeroFrame(memory) * recordBytes + PARTNER);
}

/** The slot that a frame of RAM in use has in the swap cache, or the frame that a slot has; `undefined` when there is none. */
export function swapPartner(memory: PhysicalMemory, pfn: number): number | undefined {
  const partner = memory.readWord(pfn * recordBytes + PARTNER);
  return partner === 0 ? undefined : partner;
}

/** The slot that a swap entry names. */
export function slotOf(memory: PhysicalMemory, architecture: Architecture, entry: Entry): number {
  return swapStart(memory) + decodeSwapEntry(architecture, entry).offset - 1;
}

/** The frame that holds the bytes of a swapped page: the one in the swap cache, else the slot itself. */
export function swappedFrame(memory: PhysicalMemory, architecture: Architecture, entry: Entry): number {
  const slot = slotOf(memory, architecture, entry);
  return swapPartner(memory, slot) ?? slot;
}

/** The entry that keeps a page's place, with the soft-dirty and uffd-wp marks of the `present` one that stood there. */
export function swapEntryFor(memory: PhysicalMemory, architecture: Architecture, slot: number, present: Entry): Entry {
  const { bits } = architecture;
  const softDirty = (present.low & bits.softDirty) !== 0;
  const uffdWp = (present.low & bits.uffdWp) !== 0;
  return encodeSwapEntry(architecture, { type: device, offset: slot - swapStart(memory) + 1, softDirty, uffdWp });
}

/** Gives slots out and keeps their records; every change is an event. */
export class SwapDevice {
  readonly #recorded: RecordedRam;

  constructor(recorded: RecordedRam) {
    this.#recorded = recorded;
  }

  /** The lowest slot that nobody uses; `undefined` when the device is full. Linux: `scan_swap_map`. */
  findSlot(): number | undefined {
    const { ram } = this.#recorded;
    for (let slot = swapStart(ram); slot < ram.frameCount; slot++) {
      if (referencesOf(ram, slot) === 0 && swapPartner(ram, slot) === undefined) return slot;
    }
    return undefined;
  }

  /** One swap entry more, or less, names the slot: Linux's `swap_duplicate` and `swap_free`. */
  count(slot: number, change: 1 | -1): void {
    const { ram } = this.#recorded;
    this.#recorded.word("frame-accounted", 0, slot * recordBytes, referencesOf(ram, slot) + change);
  }

  /** The page is in both places from now on: Linux's `add_to_swap_cache`. */
  join(pfn: number, slot: number): void {
    this.#recorded.word("frame-accounted", 0, pfn * recordBytes + PARTNER, slot);
    this.#recorded.word("frame-accounted", 0, slot * recordBytes + PARTNER, pfn);
  }

  /** The frame has no slot any more: Linux's `delete_from_swap_cache`. Nothing happens when it has none. */
  part(pfn: number): void {
    const slot = swapPartner(this.#recorded.ram, pfn);
    if (slot === undefined) return;
    this.#recorded.word("frame-accounted", 0, pfn * recordBytes + PARTNER, 0);
    this.#recorded.word("frame-accounted", 0, slot * recordBytes + PARTNER, 0);
  }

  /** Writes a frame out to a slot: another content, and so another allocation. */
  write(vaddr: number, slot: number, pfn: number): void {
    const { ram } = this.#recorded;
    const allocation = slot * recordBytes + ALLOCATION;
    this.#recorded.copyFrame(vaddr, slot, pfn);
    this.#recorded.word("frame-accounted", 0, allocation, ram.readWord(allocation) + 1);
  }
}
