// The pages of a process tree that have frames or slots, found by one look at each entry.

import {
  allocationOf,
  flagsOf,
  frameBehind,
  frameBytes,
  frameFlags,
  isSwapPte,
  pteDirty,
  pteFrame,
  swappedFrame,
  visitEntries,
  zeroFrame,
} from "@pagelapse/mmu";
import type { Area } from "@pagelapse/vma";
import { placeAt, treeOf } from "../page-cache.ts";
import type { PageCache } from "../page-cache.ts";
import { processesOf } from "../tracked.ts";
import type { Tracked, TrackedProcess } from "../tracked.ts";
import { NumberColumn } from "./number-column.ts";

/**
 * Pages memory by memory, in order of address; row i of `address` and `pfn` speaks of one page. What the page cache holds is the memory of its
 * file or object, once, whoever maps it; all else is a process's own. Left out is the zero frame where it stands for nothing.
 */
export interface TreePages {
  /** Each process's, then each file's and object's that an area maps. */
  readonly memories: readonly TreeMemoryRows[];
  readonly address: ArrayLike<number>;
  /** The frame, or that of the slot on the swap device. */
  readonly pfn: ArrayLike<number>;
  /** By frame: how many entries of the tree lead to it, times 2, and 1 more where one of them has D. */
  readonly uses: Uint32Array;
  /** Entries with a frame, the zero frame not counted. */
  readonly presentPages: number;
}

/** A memory, and which rows are its pages: from `first` up to `end`. */
export interface TreeMemoryRows {
  /** Names it for good: no other memory of the machine ever has the name. */
  readonly name: string;
  /** Whose own it is; `undefined`: that of `file` or of `object`. */
  readonly process: TrackedProcess | undefined;
  readonly file: string | undefined;
  readonly object: number | undefined;
  readonly first: number;
  readonly end: number;
}

/** Looks through all tables of the tree. Areas with one of the VM_* flags `leftOut` are passed over. */
export function findPages(tracked: Tracked, leftOut: number): TreePages {
  const processes = processesOf(tracked);
  const uses = new Uint32Array(tracked.memory.frameCount);
  const pages = { memories: [] as TreeMemoryRows[], address: new NumberColumn(), pfn: new NumberColumn() };
  let presentPages = 0;
  for (const process of processes) {
    const first = pages.address.length;
    presentPages += addOwnPages(process, leftOut, uses, pages);
    pages.memories.push({
      name: nameOf(process),
      process,
      file: undefined,
      object: undefined,
      first,
      end: pages.address.length,
    });
  }
  for (const { file, object, areas } of sharedMemories(processes, leftOut)) {
    const first = pages.address.length;
    const name = file === undefined ? `object ${object}` : `file ${file}`;
    if (file === undefined) addObject(tracked, object, pages);
    else addFile(tracked, file, areas, pages);
    pages.memories.push({ name, process: undefined, file, object, first, end: pages.address.length });
  }
  return { memories: pages.memories, address: pages.address.numbers, pfn: pages.pfn.numbers, uses, presentPages };
}

/** Where pages are put. */
interface Rows {
  readonly address: NumberColumn;
  readonly pfn: NumberColumn;
}

/** A pid may be used again, and so may the frame of a root; the use of a frame as a root is one process's for good. */
function nameOf({ memory, space }: TrackedProcess): string {
  const root = space.root / frameBytes;
  return `process ${space.pid} ${root} ${allocationOf(memory, root)}`;
}

/** Adds what is a process's own, and counts every entry. Returns how many pages have a frame. */
function addOwnPages(process: TrackedProcess, leftOut: number, uses: Uint32Array, rows: Rows): number {
  const { architecture, memory, space } = process;
  const { bits } = architecture;
  const zero = zeroFrame(memory);
  let presentPages = 0;
  for (const { start, end, file, flags } of space.areas) {
    const isLeftOut = (flags & leftOut) !== 0;
    visitEntries(memory, architecture, space.root, start, end, (vaddr, _, entry, level) => {
      if (isSwapPte(bits, entry)) {
        const pfn = swappedFrame(memory, architecture, entry);
        uses[pfn] += 2;
        if (!isLeftOut) add(rows, vaddr, pfn);
        return;
      }
      const dirty = pteDirty(bits, entry) ? 1 : 0;
      const past = Math.min(vaddr + level.span, end);
      for (let page = Math.max(vaddr, start); page < past; page += frameBytes) {
        const pfn = frameBehind(bits, level, entry, page);
        if (pfn !== zero) {
          presentPages++;
          uses[pfn] = (uses[pfn] + 2) | dirty;
          if ((flagsOf(memory, pfn) & frameFlags.cache) !== 0) continue;
        } else if (file === undefined) continue;
        if (!isLeftOut) add(rows, page, pfn);
      }
    });
  }
  return presentPages;
}

function add(rows: Rows, address: number, pfn: number): void {
  rows.address.push(address);
  rows.pfn.push(pfn);
}

/** Files and shared memory that areas map, each once, with those areas. */
function sharedMemories(
  processes: readonly TrackedProcess[],
  leftOut: number,
): Iterable<{ readonly file: string | undefined; readonly object: number | undefined; readonly areas: Area[] }> {
  const found = new Map<string | number, { file: string | undefined; object: number | undefined; areas: Area[] }>();
  for (const { space } of processes) {
    for (const area of space.areas) {
      const { file } = area;
      const object = file === undefined ? area.object : undefined;
      const key = file ?? object;
      if (key === undefined || (area.flags & leftOut) !== 0) continue;
      const known = found.get(key);
      if (known === undefined) found.set(key, { file, object, areas: [area] });
      else known.areas.push(area);
    }
  }
  return found.values();
}

/** All of an object: an area that grows comes to pages that nobody maps now. */
function addObject(cache: PageCache, object: number | undefined, rows: Rows): void {
  const { architecture, memory, cached } = cache;
  const [{ span, entryCount }] = architecture.levels;
  const trees = cached.filter((tree) => tree.object === object).toSorted((left, right) => left.base - right.base);
  for (const { base, root } of trees) {
    visitEntries(memory, architecture, root, 0, span * entryCount, (address, _, entry) =>
      add(rows, base + address, pteFrame(architecture.bits, entry)),
    );
  }
}

/** The parts of a file that areas map: the rest is no memory of theirs. */
function addFile(cache: PageCache, file: string, areas: readonly Area[], rows: Rows): void {
  const parts = areas.map(({ start, end, offset }) => ({ start: offset, end: offset + (end - start) }));
  let from = 0;
  for (const part of parts.toSorted((left, right) => left.start - right.start)) {
    from = Math.max(from, part.start);
    for (; from < part.end; from = addFromTree(cache, file, from, part.end, rows));
  }
}

/** Adds the pages of one tree of a file; returns where the next begins. */
function addFromTree(cache: PageCache, file: string, from: number, end: number, rows: Rows): number {
  const { architecture, memory } = cache;
  const [{ span, entryCount }] = architecture.levels;
  const place = placeAt(architecture, { file, object: undefined, offset: from });
  const to = Math.min(end, place.base + span * entryCount);
  const root = treeOf(cache, place);
  if (root !== undefined) {
    visitEntries(memory, architecture, root, place.address, to - place.base, (address, _, entry) =>
      add(rows, place.base + address, pteFrame(architecture.bits, entry)),
    );
  }
  return to;
}
