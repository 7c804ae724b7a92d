// A tiny world for large pages: two places for one, of whose parts three are touched, one process, and a model beside it.

import { EventLog } from "@pagelapse/events";
import {
  FrameTable,
  RecordedRam,
  Ram,
  Tlb,
  allocateTable,
  applyMemoryFact,
  clearEntry,
  collapseTable,
  ensureEntry,
  ensureEntryAt,
  findLeaf,
  framesBehind,
  framesInUse,
  freeTables,
  makeEntry,
  makeEntryAt,
  mappings,
  splitLargePage,
  translate,
  visitEntries,
  walk,
  writeEntry,
} from "@pagelapse/mmu";
import type { Architecture, FoundEntry, Level, TableMemory } from "@pagelapse/mmu";
import fc from "fast-check";

export type Step =
  | { readonly do: "map"; readonly place: number; readonly write: boolean }
  | { readonly do: "map-small"; readonly place: number; readonly part: number; readonly write: boolean }
  | { readonly do: "unmap" | "split" | "collapse"; readonly place: number }
  | { readonly do: "clean" | "forbid" | "load" | "store"; readonly place: number; readonly part: number };

const place = fc.nat({ max: 1 });
const part = fc.nat({ max: 2 });

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("map" as const), place, write: fc.constantFrom(true, true, false) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("map-small" as const), place, part, write: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("unmap" as const), place }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom("split" as const, "collapse" as const), place }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("forbid" as const), place, part }) },
    {
      weight: 16,
      arbitrary: fc.record({
        do: fc.constantFrom("clean" as const, "load" as const, "store" as const, "store" as const),
        place,
        part,
      }),
    },
  ),
  { minLength: 1, maxLength: 50, size: "max" },
);

/** What is known of one entry: a large page, or one of 4 KiB. */
interface ModelEntry {
  readonly frame: number;
  write: boolean;
  accessed: boolean;
  dirty: boolean;
  softDirty: boolean;
}

/** A place is empty, holds a large page, or has small pages by their parts. */
type Place = undefined | ModelEntry | Map<number, ModelEntry>;

/** What a deliberate bug replaces: the architecture as a function sees it, or the function. */
export interface Parts {
  readonly tlb?: (architecture: Architecture) => Tlb;
  readonly walker?: (architecture: Architecture) => Architecture;
  readonly splitter?: (architecture: Architecture) => Architecture;
  readonly translate?: typeof translate;
  readonly collapse?: typeof collapseTable;
}

const same = (architecture: Architecture): Architecture => architecture;

function agree(claim: boolean, what: string): void {
  if (!claim) throw new Error(what);
}

function given<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(what);
  return value;
}

/** Runs steps on the real parts and on the model; throws at the first difference. Returns what was met. */
export function run(architecture: Architecture, sequence: readonly Step[], parts: Parts = {}): Set<string> {
  const { bits, levels } = architecture;
  const level = levels[levels.length - 2];
  const pages = framesBehind(level);
  const starts = [level.span, levels[0].span * 2 + level.span];
  const offsets = [0, 1, pages - 1];

  const log = new EventLog(64, 4096);
  const rebuilt = new Ram(pages * 4);
  log.listen((batch) => {
    for (let row = 0; row < batch.count; row++) applyMemoryFact(rebuilt, batch, row);
  });
  const recorded = new RecordedRam(new Ram(pages * 4), log);
  const memory: TableMemory = { architecture, recorded, frames: new FrameTable(recorded) };
  const walker = (parts.walker ?? same)(architecture);
  const tlb = parts.tlb?.(architecture) ?? new Tlb(2, 2, bits);
  const root = given(allocateTable(memory, 0), "no frame for the root");
  const unused = framesInUse(recorded.ram);
  const places: Place[] = [undefined, undefined];
  const met = new Set<string>();

  const leafAt = (vaddr: number): FoundEntry => given(findLeaf(recorded.ram, architecture, root, vaddr), `no leaf at ${vaddr}`);
  const entryAt = (at: number, offset: number): ModelEntry | undefined => {
    const known = places[at];
    return known instanceof Map ? known.get(offset) : known;
  };
  const flush = (start: number, known: Level): void => tlb.flushPages(start / 4096, framesBehind(known));

  const unmap = (at: number): void => {
    const known = places[at];
    const released =
      known === undefined
        ? []
        : known instanceof Map
          ? [...known.values()].map((entry) => entry.frame)
          : partsOf(known.frame, pages);
    visitEntries(recorded.ram, architecture, root, starts[at], starts[at] + level.span, (vaddr, paddr, _entry, found) => {
      clearEntry(memory, vaddr, paddr);
      flush(vaddr, found);
    });
    for (const pfn of released) memory.frames.release(pfn);
    freeTables(memory, root, starts[at], starts[at] + level.span);
    places[at] = undefined;
  };

  const one = (step: Step): void => {
    const start = starts[step.place];
    const known = places[step.place];
    switch (step.do) {
      case "map": {
        if (known !== undefined) return;
        const paddr = given(ensureEntryAt(memory, root, start, level), "no frame for a table");
        const frame = memory.frames.allocateRun(pages);
        if (frame === undefined) {
          met.add("no-run");
          return;
        }
        const permission = { read: true, write: step.write, execute: false };
        writeEntry(memory, "entry-mapped", start, paddr, makeEntryAt(bits, level, frame, permission, 0));
        places[step.place] = { frame, write: step.write, accessed: false, dirty: false, softDirty: false };
        return;
      }
      case "map-small": {
        const vaddr = start + offsets[step.part] * 4096;
        if (known !== undefined && !(known instanceof Map)) {
          let refused = "";
          try {
            ensureEntry(memory, root, vaddr);
          } catch (error) {
            refused = String(error);
          }
          agree(refused.includes("a large page lies at"), "a small page was put into a large one");
          met.add("large-page-in-the-way");
          return;
        }
        if (known?.has(offsets[step.part]) === true) return;
        const paddr = given(ensureEntry(memory, root, vaddr), "no frame for a table");
        const frame = given(memory.frames.allocate(), "no frame");
        writeEntry(
          memory,
          "entry-mapped",
          vaddr,
          paddr,
          makeEntry(bits, frame, { read: true, write: step.write, execute: false }, 0),
        );
        const entry = { frame, write: step.write, accessed: false, dirty: false, softDirty: false };
        places[step.place] = new Map([...(known ?? []), [offsets[step.part], entry]]);
        return;
      }
      case "unmap":
        if (known !== undefined) met.add("unmapped");
        unmap(step.place);
        return;
      case "split": {
        if (known === undefined || known instanceof Map) return;
        const splitting = { ...memory, architecture: (parts.splitter ?? same)(architecture) };
        agree(splitLargePage(splitting, start, leafAt(start).paddr, level), "no frame to split with");
        flush(start, level);
        if (known.dirty) met.add("dirty-split");
        const softDirty = known.softDirty || (known.dirty && bits.softDirty !== 0);
        places[step.place] = new Map(
          partsOf(known.frame, pages).map((frame, offset) => [offset, { ...known, frame, softDirty }]),
        );
        return;
      }
      case "collapse": {
        if (!(known instanceof Map)) return;
        const { paddr } = given(walk(recorded.ram, architecture, root, start).steps.at(-2), "no table");
        const collapsed = (parts.collapse ?? collapseTable)(memory, start, paddr, level);
        flush(start, level);
        const entries = [...known.values()];
        const first = known.get(0);
        const whole = first !== undefined && entries.length === pages && entries.every((entry) => entry.write === first.write);
        agree(collapsed === whole, `collapsed: ${collapsed}`);
        met.add(whole ? "collapsed" : "not-collapsed");
        if (first === undefined || !whole) return;
        const some = (bit: "accessed" | "dirty" | "softDirty"): boolean => entries.some((entry) => entry[bit]);
        if (some("dirty") && entries.some((entry) => !entry.dirty)) met.add("partly-dirty-collapsed");
        places[step.place] = { ...first, accessed: some("accessed"), dirty: some("dirty"), softDirty: some("softDirty") };
        return;
      }
      case "clean":
      case "forbid": {
        const entry = entryAt(step.place, offsets[step.part]);
        if (entry === undefined) return;
        const vaddr = start + offsets[step.part] * 4096;
        const found = leafAt(vaddr);
        const bit = step.do === "clean" ? bits.dirty : bits.write;
        const kind = step.do === "clean" ? "dirty-cleared" : "entry-protected";
        writeEntry(memory, kind, vaddr, found.paddr, { low: (found.entry.low & ~bit) >>> 0, high: found.entry.high });
        flush(Math.floor(vaddr / found.level.span) * found.level.span, found.level);
        if (step.do === "clean") entry.dirty = false;
        else entry.write = false;
        return;
      }
      case "load":
      case "store": {
        const offset = offsets[step.part];
        const vpn = start / 4096 + offset;
        const access = step.do === "load" ? "read" : "write";
        const entry = entryAt(step.place, offset);
        const isCached = tlb.writable(vpn) >= 0;
        const before = log.moment;
        const frame = (parts.translate ?? translate)(memory, tlb, root, vpn, access);
        const allowed = entry !== undefined && (access === "read" || entry.write);
        agree(frame >= 0 === allowed, `${step.do} of ${vpn}: ${frame}`);
        if (entry === undefined || !allowed) return;
        const isLarge = !(known instanceof Map);
        agree(frame === entry.frame + (isLarge ? offset : 0), `${step.do} of ${vpn}: frame ${frame}`);
        if (isCached) {
          agree(log.moment === before, "a store with D cached touched a table");
          if (isLarge) met.add("large-hit");
        }
        if (access === "write" && isLarge && entry.dirty && !isCached) met.add("other-part-dirty-already");
        entry.accessed = true;
        if (access === "write") entry.dirty = true;
      }
    }
  };

  const check = (): void => {
    for (const [at, start] of starts.entries()) {
      for (const offset of offsets) {
        const entry = entryAt(at, offset);
        const vaddr = start + offset * 4096;
        const { frame, mapping } = walk(recorded.ram, walker, root, vaddr);
        const isLarge = !(places[at] instanceof Map);
        agree(frame === (entry === undefined ? undefined : entry.frame + (isLarge ? offset : 0)), `frame ${frame} at ${vaddr}`);
        if (entry === undefined || mapping === undefined) continue;
        agree(mapping.level.span === (isLarge ? level.span : 4096), `a page of ${mapping.level.span} bytes at ${vaddr}`);
        agree(mapping.paddr === leafAt(vaddr).paddr, `findLeaf at ${vaddr}`);
        const { low } = mapping.entry;
        const has = (bit: number): boolean => (low & bit) !== 0;
        agree(
          mapping.read &&
            mapping.user &&
            mapping.write === entry.write &&
            !mapping.execute === (bits.noExecute !== 0 || bits.read !== bits.execute),
          `permission at ${vaddr}`,
        );
        agree(has(bits.accessed) === entry.accessed && has(bits.dirty) === entry.dirty, `A and D at ${vaddr}`);
        agree(has(bits.softDirty) === entry.softDirty, `soft-dirty at ${vaddr}`);
      }
    }
  };

  const checkAll = (): void => {
    const seen = [...mappings(recorded.ram, walker, root)].map((page) => `${page.vaddr}: ${page.frame}`);
    const expected = starts.flatMap((start, at) => {
      const known = places[at];
      if (known === undefined) return [];
      if (!(known instanceof Map)) return [`${start}: ${known.frame}`];
      return [...known].toSorted(([a], [b]) => a - b).map(([offset, entry]) => `${start + offset * 4096}: ${entry.frame}`);
    });
    agree(seen.join() === expected.join(), "the visit of all pages");
  };

  for (const step of sequence) {
    one(step);
    check();
  }
  checkAll();
  for (const at of starts.keys()) unmap(at);
  freeTables(memory, root, 0, levels[0].span * levels[0].entryCount);
  agree(framesInUse(recorded.ram) === unused, `${framesInUse(recorded.ram) - unused} frames left behind`);
  log.flush();
  agree(Buffer.compare(rebuilt.bytes, recorded.ram.bytes) === 0, "the fold of the facts differs from the live memory");
  return met;
}

function partsOf(frame: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => frame + index);
}
