// A tiny world for the properties of this package: six pages, about a dozen frames, one process, and a model beside it.

import { EventLog } from "@pagelapse/events";
import {
  FrameTable,
  RecordedRam,
  Ram,
  Tlb,
  allocateTable,
  applyMemoryFact,
  clearEntry,
  ensureEntry,
  findEntry,
  frameBytes,
  framesInUse,
  freeTables,
  makeEntry,
  pteFrame,
  readEntry,
  translate,
  walk,
  writeEntry,
} from "@pagelapse/mmu";
import type { Architecture, TableMemory } from "@pagelapse/mmu";
import fc from "fast-check";

/** Pages that share tables, and sets of a small TLB, in every way. */
const pages: readonly number[] = [0x1000, 0x2000, 0x5000, 0x40_1000, 0x4000_1000, 0x7fc0_2000];

export type Step =
  | { readonly do: "map"; readonly page: number; readonly write: boolean }
  | { readonly do: "unmap" | "forbid" | "clean" | "load"; readonly page: number }
  | { readonly do: "store"; readonly page: number; readonly offset: number; readonly value: number }
  | { readonly do: "prune" };

const page = fc.nat({ max: pages.length - 1 });

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant("map" as const), page, write: fc.boolean() }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("unmap", "forbid", "clean", "load"), page }) },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant("store" as const), page, offset: fc.constantFrom(0, 8, 4088), value: fc.nat(255) }),
    },
    { weight: 1, arbitrary: fc.constant<Step>({ do: "prune" }) },
  ),
  { minLength: 1, maxLength: 60, size: "max" },
);

interface ModelPage {
  write: boolean;
  dirty: boolean;
  accessed: boolean;
  bytes: Uint8Array;
}

/** What a deliberate bug replaces. */
export interface Parts {
  readonly tlb?: Tlb;
  readonly flush?: "never" | "not-after-clean";
  readonly apply?: typeof applyMemoryFact;
  readonly walker?: Architecture;
}

/** Runs steps on the real parts and on a map of pages; throws at the first difference. Returns what was met. */
export function run(architecture: Architecture, sequence: readonly Step[], parts: Parts = {}): Set<string> {
  const log = new EventLog(16, 2048);
  // Too few for all pages and the tables they need.
  const frameCount = architecture.levels.length === 2 ? 11 : 14;
  const rebuilt = new Ram(frameCount);
  log.listen((batch) => {
    for (let row = 0; row < batch.count; row++) (parts.apply ?? applyMemoryFact)(rebuilt, batch, row);
  });
  const recorded = new RecordedRam(new Ram(frameCount), log);
  const memory: TableMemory = { architecture, recorded, frames: new FrameTable(recorded) };
  const tlb = parts.tlb ?? new Tlb(2, 2, architecture.bits);
  const root = allocateTable(memory, 0) as number;
  const inUse = framesInUse(recorded.ram);
  const model = new Map<number, ModelPage>();
  const met = new Set<string>();
  const { bits } = architecture;

  const flush = (vaddr: number, why: string): void => {
    if (parts.flush === "never" || (parts.flush === "not-after-clean" && why === "clean")) return;
    tlb.flushPage(vaddr / frameBytes);
  };
  const agree = (claim: boolean, what: string): void => {
    if (!claim) throw new Error(what);
  };

  const one = (step: Step): void => {
    if (step.do === "prune") {
      if (model.size > 0) return;
      freeTables(memory, root, 0, architecture.levels[0].span * architecture.levels[0].entryCount);
      agree(framesInUse(recorded.ram) === inUse, "a table was left behind");
      met.add("pruned");
      return;
    }
    const vaddr = pages[step.page];
    const known = model.get(vaddr);
    switch (step.do) {
      case "map": {
        if (known !== undefined) return;
        const paddr = ensureEntry(memory, root, vaddr);
        const pfn = paddr === undefined ? undefined : memory.frames.allocate();
        if (paddr === undefined || pfn === undefined) {
          met.add("out-of-frames");
          return;
        }
        recorded.zeroFrame(vaddr, pfn);
        writeEntry(
          memory,
          "entry-mapped",
          vaddr,
          paddr,
          makeEntry(bits, pfn, { read: true, write: step.write, execute: false }, 0),
        );
        model.set(vaddr, { write: step.write, dirty: false, accessed: false, bytes: new Uint8Array(frameBytes) });
        return;
      }
      case "unmap": {
        if (known === undefined) return;
        const paddr = findEntry(recorded.ram, architecture, root, vaddr);
        const pfn = pteFrame(bits, readEntry(recorded.ram, architecture, paddr));
        clearEntry(memory, vaddr, paddr);
        flush(vaddr, "unmap");
        memory.frames.release(pfn);
        model.delete(vaddr);
        met.add("unmapped");
        return;
      }
      case "forbid": {
        if (known === undefined) return;
        const paddr = findEntry(recorded.ram, architecture, root, vaddr);
        const entry = readEntry(recorded.ram, architecture, paddr);
        writeEntry(memory, "entry-protected", vaddr, paddr, { low: (entry.low & ~bits.write) >>> 0, high: entry.high });
        flush(vaddr, "forbid");
        known.write = false;
        return;
      }
      case "clean": {
        if (known === undefined) return;
        const paddr = findEntry(recorded.ram, architecture, root, vaddr);
        const entry = readEntry(recorded.ram, architecture, paddr);
        writeEntry(memory, "dirty-cleared", vaddr, paddr, { low: (entry.low & ~bits.dirty) >>> 0, high: entry.high });
        flush(vaddr, "clean");
        if (known.dirty) met.add("cleaned");
        known.dirty = false;
        return;
      }
      case "load":
      case "store": {
        const access = step.do === "load" ? "read" : "write";
        const hit = access === "write" ? tlb.writable(vaddr / frameBytes) >= 0 : tlb.readable(vaddr / frameBytes) >= 0;
        const frame = translate(memory, tlb, root, vaddr / frameBytes, access);
        agree(frame >= 0 === (known !== undefined && (access === "read" || known.write)), `${step.do} at ${vaddr}: ${frame}`);
        if (frame < 0 || known === undefined) {
          met.add(known === undefined ? "not-present" : "not-allowed");
          return;
        }
        agree(walk(recorded.ram, architecture, root, vaddr).frame === frame, `the walk to ${vaddr}`);
        if (hit) met.add("tlb-hit");
        known.accessed = true;
        if (step.do !== "store") return;
        const words = new Uint32Array([step.value, step.value]);
        const paddr = frame * frameBytes + step.offset;
        recorded.ram.write(paddr, words, 0, 8);
        log.store(0, vaddr + step.offset, paddr, words, 0, 8);
        if (known.dirty) met.add("stored-again");
        known.dirty = true;
        known.bytes.set(new Uint8Array(words.buffer), step.offset);
      }
    }
  };

  for (const step of sequence) {
    one(step);
    for (const vaddr of pages) {
      const known = model.get(vaddr);
      const paddr = findEntry(recorded.ram, parts.walker ?? architecture, root, vaddr);
      const entry = paddr < 0 ? { low: 0, high: 0 } : readEntry(recorded.ram, architecture, paddr);
      agree(((entry.low & bits.present) !== 0) === (known !== undefined), `present at ${vaddr}`);
      if (known === undefined) continue;
      agree(((entry.low & bits.dirty) !== 0) === known.dirty, `D at ${vaddr}`);
      agree(((entry.low & bits.accessed) !== 0) === known.accessed, `A at ${vaddr}`);
      const bytes = new Uint8Array(frameBytes);
      recorded.ram.read(pteFrame(bits, entry) * frameBytes, bytes);
      agree(Buffer.compare(bytes, known.bytes) === 0, `bytes at ${vaddr}`);
    }
  }
  log.flush();
  agree(Buffer.compare(rebuilt.bytes, recorded.ram.bytes) === 0, "the fold of the facts differs from the live memory");
  return met;
}
