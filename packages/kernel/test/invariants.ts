// What holds of a machine after every command, whatever the program did.

import type { Machine } from "@pagelapse/kernel";
import {
  allocationOf,
  findEntry,
  flagsOf,
  frameBytes,
  frameFlags,
  framesInUse,
  pteDirty,
  pteFrame,
  pteUsable,
  pteWrite,
  readEntry,
  referencesOf,
  reservedFrames,
  visitEntries,
  zeroFrame,
} from "@pagelapse/mmu";
import { VM_ACCESS_FLAGS, VM_SHARED, VM_WRITE, areaAt } from "@pagelapse/vma";

/** Whether the TLB may say that D is set where the entry no longer does: after the report's incremental checkpoint it may. */
export type DirtyInTlb = "as in the entry" | "maybe left over";

/** Throws at the first thing that is not as it must be. */
export function checkInvariants(machine: Machine, dirtyInTlb: DirtyInTlb = "as in the entry"): void {
  checkAreas(machine);
  checkFrames(machine, countReferences(machine));
  checkEntries(machine);
  checkTlb(machine, dirtyInTlb);
  checkFrozen(machine.state);
}

function claim(truth: boolean, words: string): void {
  if (!truth) throw new Error(words);
}

/** Areas are whole pages of the program's, sorted and disjoint. */
function checkAreas({ space, architecture }: Machine): void {
  let last = 0;
  for (const { start, end } of space.areas) {
    claim(start >= last && end > start && end <= architecture.taskSize, `area ${start}-${end} after ${last}`);
    claim(start % frameBytes === 0 && end % frameBytes === 0, `area ${start}-${end} is not whole pages`);
    last = end;
  }
}

/** How often each frame is used: as a table, by the page cache, by an entry. */
function countReferences({ architecture, memory, space, cached }: Machine): Map<number, number> {
  const { bits, entryBytes, levels } = architecture;
  const zero = zeroFrame(memory);
  const counts = new Map<number, number>([[zero, 1]]);
  const use = (pfn: number): void => void counts.set(pfn, (counts.get(pfn) ?? 0) + 1);
  const visitTable = (table: number, depth: number, isCache: boolean): void => {
    use(table / frameBytes);
    const end = table + levels[depth].entryCount * entryBytes;
    for (let paddr = table; paddr < end; paddr += entryBytes) {
      if (memory.readWord(paddr) === 0) continue;
      const pfn = pteFrame(bits, readEntry(memory, architecture, paddr));
      if (depth + 1 < levels.length) visitTable(pfn * frameBytes, depth + 1, isCache);
      else if (pfn !== zero) use(pfn);
      if (depth + 1 === levels.length && isCache)
        claim((flagsOf(memory, pfn) & frameFlags.cache) !== 0, `frame ${pfn} is cached`);
    }
  };
  visitTable(space.root, 0, false);
  for (const object of cached) visitTable(object.root, 0, true);
  return counts;
}

/** A frame is used as often as the frame table says, or free and in the free list, or was never used. */
function checkFrames({ memory }: Machine, counts: ReadonlyMap<number, number>): void {
  const neverUsed = memory.readWord(4);
  const free = new Set<number>();
  for (let pfn = memory.readWord(0); pfn !== 0; pfn = memory.readWord(pfn * 16 + 12)) {
    claim(!free.has(pfn), `frame ${pfn} is in the free list twice`);
    free.add(pfn);
  }
  for (let pfn = reservedFrames(memory.frameCount); pfn < memory.frameCount; pfn++) {
    const counted = counts.get(pfn) ?? 0;
    claim(referencesOf(memory, pfn) === counted, `frame ${pfn} has ${counted} users, not ${referencesOf(memory, pfn)}`);
    const isFree = free.has(pfn) || pfn >= neverUsed;
    claim(isFree === (counted === 0), `frame ${pfn} with ${counted} users is ${isFree ? "" : "not "}free`);
    claim(pfn < neverUsed || allocationOf(memory, pfn) === 0, `frame ${pfn} was never used, and allocated`);
  }
  claim(framesInUse(memory) === counts.size, `${counts.size} frames are in use, not ${framesInUse(memory)}`);
  const zeros = new Uint8Array(frameBytes);
  memory.read(zeroFrame(memory) * frameBytes, zeros);
  claim(
    zeros.every((byte) => byte === 0),
    "the zero frame was written",
  );
}

/** An entry lies in an area, allows no more than the area, and lets nobody store to a frame that others see. */
function checkEntries({ architecture, memory, space }: Machine): void {
  const { bits, levels } = architecture;
  visitEntries(memory, architecture, space.root, 0, levels[0].span * levels[0].entryCount, (vaddr, _, entry) => {
    const area = areaAt(space.areas, vaddr);
    if (area === undefined) throw new Error(`page ${vaddr} has an entry and no area`);
    claim(pteUsable(bits, entry) === ((area.flags & VM_ACCESS_FLAGS) !== 0), `page ${vaddr} is usable against its area`);
    const pfn = pteFrame(bits, entry);
    if (pfn === zeroFrame(memory)) claim(!pteWrite(bits, entry) && !pteDirty(bits, entry), `page ${vaddr} can write zeros`);
    if (!pteWrite(bits, entry)) return;
    claim((area.flags & VM_WRITE) !== 0, `page ${vaddr} is writable against its area`);
    const isShared = (area.flags & VM_SHARED) !== 0;
    const isOwn = referencesOf(memory, pfn) === 1 && (flagsOf(memory, pfn) & frameFlags.cache) === 0;
    claim(isShared || isOwn, `page ${vaddr} writes to a frame that is not its own`);
  });
}

/** What the TLB remembers is what the entries say. */
function checkTlb({ architecture, memory, space, tlb }: Machine, dirtyInTlb: DirtyInTlb): void {
  const { bits } = architecture;
  for (const slot of tlb.contents()) {
    const paddr = findEntry(memory, architecture, space.root, slot.vpn * frameBytes);
    const entry = paddr < 0 ? { low: 0, high: 0 } : readEntry(memory, architecture, paddr);
    claim(
      pteUsable(bits, entry) && pteFrame(bits, entry) === slot.frame,
      `the TLB leads page ${slot.vpn} to frame ${slot.frame}`,
    );
    if (!slot.writable) continue;
    claim(pteWrite(bits, entry), `the TLB lets page ${slot.vpn} be written`);
    claim(dirtyInTlb === "maybe left over" || pteDirty(bits, entry), `the TLB takes page ${slot.vpn} for dirty`);
  }
}

function checkFrozen(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  claim(Object.isFrozen(value), `a part of the state can be changed: ${JSON.stringify(value).slice(0, 80)}`);
  Object.values(value).forEach(checkFrozen);
}
