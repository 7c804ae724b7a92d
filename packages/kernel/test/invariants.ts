// What holds of a machine after every command, whatever its tasks and the world did.

import type { Machine, Task } from "@pagelapse/kernel";
import {
  allocationOf,
  findLeaf,
  flagsOf,
  frameBehind,
  frameBytes,
  frameFlags,
  framesBehind,
  framesInUse,
  isSwapPte,
  none,
  pteDirty,
  pteFrame,
  pteLeaf,
  pteSoftDirty,
  pteUsable,
  pteWrite,
  referencesOf,
  reservedFrames,
  slotOf,
  swapPartner,
  swapStart,
  visitEntries,
  zeroFrame,
} from "@pagelapse/mmu";
import type { Entry, Level } from "@pagelapse/mmu";
import { VM_ACCESS_FLAGS, VM_SHARED, VM_SOFTDIRTY, VM_WRITE, areaAt } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";

/** Whether the TLB may say that D is set where the entry no longer does: after the report's incremental checkpoint it may. */
export type DirtyInTlb = "as in the entry" | "maybe left over";

/** Throws at the first thing that is not as it must be. */
export function checkInvariants(machine: Machine, dirtyInTlb: DirtyInTlb = "as in the entry"): void {
  const uses = countUses(machine);
  for (const task of living(machine)) {
    checkAreas(machine, task);
    checkEntries(machine, task, uses);
  }
  checkFrames(machine, uses);
  checkSlots(machine, uses);
  machine.tlbs.forEach((_, processor) => checkTlb(machine, processor, dirtyInTlb));
  checkFrozen(machine.state);
}

function claim(truth: boolean, words: string): void {
  if (!truth) throw new Error(words);
}

function living({ state }: Machine): readonly Task[] {
  return state.tasks.filter((task) => task.state === "alive");
}

/** Areas are whole pages of the program's, sorted and disjoint. */
function checkAreas({ architecture }: Machine, { areas }: Task): void {
  let last = 0;
  for (const { start, end } of areas) {
    claim(start >= last && end > start && end <= architecture.taskSize, `area ${start}-${end} after ${last}`);
    claim(start % frameBytes === 0 && end % frameBytes === 0, `area ${start}-${end} is not whole pages`);
    last = end;
  }
}

/** Who uses what: every table, entry, tree of the page cache and pin looked at. */
interface Uses {
  /** How often each frame is used: as a table, by the page cache, by an entry, by a pin; and each slot by swap entries. */
  readonly counts: ReadonlyMap<number, number>;
  readonly pins: ReadonlyMap<number, number>;
  readonly cached: ReadonlySet<number>;
}

function countUses(machine: Machine): Uses {
  const { architecture, memory, state } = machine;
  const { bits } = architecture;
  const zero = zeroFrame(memory);
  const counts = new Map<number, number>([[zero, 1]]);
  const pins = new Map<number, number>();
  const cached = new Set<number>();
  const use = (pfn: number): void => void counts.set(pfn, (counts.get(pfn) ?? 0) + 1);
  for (const { root } of living(machine)) {
    visitTable(machine, root, 0, use, (entry, level) => {
      if (isSwapPte(bits, entry)) return use(slotOf(memory, architecture, entry));
      const first = frameBehind(bits, level, entry, 0);
      if (first !== zero) for (let pfn = first; pfn < first + framesBehind(level); pfn++) use(pfn);
    });
  }
  for (const object of state.cached) {
    visitTable(machine, object.root, 0, use, (entry) => {
      use(pteFrame(bits, entry));
      cached.add(pteFrame(bits, entry));
    });
  }
  for (const { pfn } of state.pins) {
    use(pfn);
    pins.set(pfn, (pins.get(pfn) ?? 0) + 1);
  }
  return { counts, pins, cached };
}

/** `use` is told of every table's frame, `leaf` of every entry that maps a page, or did. */
function visitTable(
  machine: Machine,
  table: number,
  depth: number,
  use: (pfn: number) => void,
  leaf: (entry: Entry, level: Level) => void,
): void {
  const { architecture, memory } = machine;
  const { bits, entryBytes, levels } = architecture;
  const level = levels[depth];
  use(table / frameBytes);
  const words = new Uint32Array((level.entryCount * entryBytes) / 4);
  memory.read(table, new Uint8Array(words.buffer));
  for (let word = 0; word < words.length; word += entryBytes / 4) {
    const entry = { low: words[word], high: entryBytes === 8 ? words[word + 1] : 0 };
    if (entry.low === 0 && entry.high === 0) continue;
    if (depth + 1 === levels.length || pteLeaf(bits, level, entry)) leaf(entry, level);
    else visitTable(machine, pteFrame(bits, entry) * frameBytes, depth + 1, use, leaf);
  }
}

/** A frame is used as often as the frame table says, or free and in the free list, or was never used. */
function checkFrames({ memory, state }: Machine, { counts, pins, cached }: Uses): void {
  const [firstFree, neverUsed, , neverUsedEnd] = [0, 4, 8, 12].map((paddr) => memory.readWord(paddr));
  const free = new Set<number>();
  for (let pfn = firstFree; pfn !== 0; pfn = memory.readWord(pfn * 16 + 12)) {
    claim(!free.has(pfn), `frame ${pfn} is in the free list twice`);
    free.add(pfn);
  }
  const ramFrames = swapStart(memory);
  for (let pfn = reservedFrames(memory.frameCount); pfn < ramFrames; pfn++) {
    const counted = counts.get(pfn) ?? 0;
    claim(referencesOf(memory, pfn) === counted, `frame ${pfn} has ${counted} users, not ${referencesOf(memory, pfn)}`);
    const wasNeverUsed = pfn >= neverUsed && pfn < neverUsedEnd;
    const isFree = free.has(pfn) || wasNeverUsed;
    claim(isFree === (counted === 0), `frame ${pfn} with ${counted} users is ${isFree ? "" : "not "}free`);
    claim(!wasNeverUsed || allocationOf(memory, pfn) === 0, `frame ${pfn} was never used, and allocated`);
    if (isFree || pfn === zeroFrame(memory)) continue;
    const flags = flagsOf(memory, pfn);
    const isCached = (flags & frameFlags.cache) !== 0;
    claim(isCached === cached.has(pfn) || counted === pins.get(pfn), `frame ${pfn} is ${isCached ? "" : "not "}marked as cached`);
    const slot = swapPartner(memory, pfn);
    claim(slot === undefined || swapPartner(memory, slot) === pfn, `frame ${pfn} has slot ${slot}, which has another frame`);
    claim((flags & frameFlags.lazyFree) === 0 || (slot === undefined && !isCached), `frame ${pfn} cannot be dropped`);
    claim((flags & frameFlags.logged) === 0 || state.dirtyLog !== undefined, `frame ${pfn} is in a log that nobody keeps`);
  }
  const used = [...counts.keys()].filter((pfn) => pfn < ramFrames).length;
  claim(framesInUse(memory) === used, `${used} frames are in use, not ${framesInUse(memory)}`);
  const zeros = new Uint8Array(frameBytes);
  memory.read(zeroFrame(memory) * frameBytes, zeros);
  claim(
    zeros.every((byte) => byte === 0),
    "the zero frame was written",
  );
}

/** A slot is named as often as its record says, and has the frame that has it. */
function checkSlots({ memory }: Machine, { counts }: Uses): void {
  for (let slot = swapStart(memory); slot < memory.frameCount; slot++) {
    const counted = counts.get(slot) ?? 0;
    claim(referencesOf(memory, slot) === counted, `slot ${slot} is named ${counted} times, not ${referencesOf(memory, slot)}`);
    const pfn = swapPartner(memory, slot);
    claim(pfn === undefined || swapPartner(memory, pfn) === slot, `slot ${slot} has frame ${pfn}, which has another slot`);
    claim(pfn === undefined || referencesOf(memory, pfn) > 0, `slot ${slot} has frame ${pfn}, which is free`);
    claim(flagsOf(memory, slot) === 0, `slot ${slot} has flags`);
  }
  const named = [...counts.keys()].filter((pfn) => pfn >= memory.frameCount);
  claim(named.length === 0, `slots ${named.join()} lie beyond the device`);
}

/** An entry lies in an area, allows no more than the area, and lets nobody store to a frame that others see. */
function checkEntries({ architecture, memory }: Machine, { areas, root }: Task, uses: Uses): void {
  const { bits, levels } = architecture;
  visitEntries(memory, architecture, root, 0, levels[0].span * levels[0].entryCount, (vaddr, _, entry, level) => {
    const area = areaAt(areas, vaddr);
    if (area === undefined || area.end < vaddr + level.span) throw new Error(`page ${vaddr} has an entry and no area`);
    if (isSwapPte(bits, entry)) {
      claim((area.flags & VM_SHARED) === 0, `page ${vaddr} is shared, and swapped out`);
      return;
    }
    claim(pteUsable(bits, entry) === ((area.flags & VM_ACCESS_FLAGS) !== 0), `page ${vaddr} is usable against its area`);
    const first = frameBehind(bits, level, entry, vaddr);
    if (first === zeroFrame(memory)) claim(!pteWrite(bits, entry) && !pteDirty(bits, entry), `page ${vaddr} can write zeros`);
    if (!pteWrite(bits, entry)) return;
    claim((area.flags & VM_WRITE) !== 0, `page ${vaddr} is writable against its area`);
    claim((entry.low & bits.uffdWp) === 0, `page ${vaddr} is writable, and userfaultfd would not hear of it`);
    checkHeard(area, vaddr, pteSoftDirty(bits, entry) || bits.softDirty === 0);
    for (let pfn = first; pfn < first + framesBehind(level); pfn++) {
      const isOwn = (area.flags & VM_SHARED) === 0 ? isAlone(memory, pfn, uses) : uses.cached.has(pfn);
      claim(isOwn, `page ${vaddr} writes to frame ${pfn}, which others have`);
    }
  });
}

/** The first store since soft-dirty was cleared faults. */
function checkHeard(area: Area, vaddr: number, isSoftDirty: boolean): void {
  claim(isSoftDirty || (area.flags & VM_SOFTDIRTY) !== 0, `page ${vaddr} is writable, and soft-dirty would not tell`);
}

/** One entry leads to the frame, pins aside, and no swap entry. */
function isAlone(memory: Machine["memory"], pfn: number, { counts, pins, cached }: Uses): boolean {
  const slot = swapPartner(memory, pfn);
  const isNamed = slot !== undefined && (counts.get(slot) ?? 0) > 0;
  return (counts.get(pfn) ?? 0) - (pins.get(pfn) ?? 0) === 1 && !cached.has(pfn) && !isNamed;
}

/** What a processor's TLB remembers is what the entries of its task say; of a dead task it remembers nothing. */
function checkTlb({ architecture, memory, state, tlbs }: Machine, processor: number, dirtyInTlb: DirtyInTlb): void {
  const { bits } = architecture;
  const { root } = state.tasks[state.running[processor]];
  for (const { vpn, frame, writable } of tlbs[processor].contents()) {
    const name = `the TLB of processor ${processor}`;
    const vaddr = vpn * frameBytes;
    const leaf = findLeaf(memory, architecture, root, vaddr);
    const entry = leaf?.entry ?? none;
    const found = leaf === undefined || !pteUsable(bits, entry) ? undefined : frameBehind(bits, leaf.level, entry, vaddr);
    claim(found === frame, `${name} leads page ${vpn} to frame ${frame}, not ${found}`);
    if (!writable) continue;
    claim(pteWrite(bits, entry), `${name} lets page ${vpn} be written`);
    claim(dirtyInTlb === "maybe left over" || pteDirty(bits, entry), `${name} takes page ${vpn} for dirty`);
    const isLogged = (flagsOf(memory, frame) & frameFlags.logged) !== 0;
    claim(isLogged || state.dirtyLog === undefined, `${name} lets page ${vpn} be written, and no log would tell`);
  }
}

/** What was seen frozen all through stays so. */
const frozen = new WeakSet();

function checkFrozen(value: unknown): void {
  if (typeof value !== "object" || value === null || frozen.has(value)) return;
  claim(Object.isFrozen(value), `a part of the state can be changed: ${JSON.stringify(value).slice(0, 80)}`);
  Object.values(value).forEach(checkFrozen);
  frozen.add(value);
}
