// The bytes of listed pages, for as long as an image is being made of them.

import { frameBytes } from "@pagelapse/mmu";
import type { ProcessView } from "../address-space.ts";
import { cachedFrame, placeAt } from "../page-cache.ts";
import { peekPage } from "../peek-page.ts";
import { processesOf } from "../tracked.ts";
import type { Snapshot, Tracked, TrackedProcess } from "../tracked.ts";
import { isInPlace } from "./page-list.ts";
import type { CollectedPages } from "./page-list.ts";
import type { TreeMemoryRows } from "./tree-pages.ts";

/** Pages whose bytes can be read. */
export interface CapturedPages {
  /** Fills `target`, 4096 bytes, with the page of a row. */
  read(row: number, target: Uint8Array): void;
  /** Nobody reads any more. */
  end(): void;
}

/**
 * Pages as they are when they are read. A frame may be another page's since it was listed: then the page is looked up by its
 * address, as it is found there now.
 */
export function pagesInPlace(tracked: Tracked, pages: CollectedPages): CapturedPages {
  return {
    read(row, target) {
      if (isInPlace(tracked.memory, pages, row)) tracked.memory.read(pages.pfn[row] * frameBytes, target);
      else lookUp(tracked, memoryOf(pages, row), pages.address[row], target);
    },
    end: () => undefined,
  };
}

/** Copies of those pages of others that are wanted, made now. */
export function copiedPages(from: CapturedPages, rows: Iterable<number>): CapturedPages {
  const copies = new Map<number, Uint8Array>();
  for (const row of rows) {
    const copy = new Uint8Array(frameBytes);
    from.read(row, copy);
    copies.set(row, copy);
  }
  return {
    read(row, target) {
      const copy = copies.get(row);
      if (copy === undefined) throw new Error(`row ${row} was not copied`);
      target.set(copy);
    },
    end: () => undefined,
  };
}

/**
 * Private pages as they stand in a child of each process, which is made now and shares them until somebody stores; shared memory, which
 * a child would see change, is copied. `undefined`: there was no room for the children.
 */
export function forkedPages(tracked: Tracked, pages: CollectedPages): CapturedPages | undefined {
  const snapshots: Snapshot[] = [];
  const end = (): void => snapshots.forEach((snapshot) => snapshot.end());
  for (const process of processesOf(tracked)) {
    const snapshot = process.fork();
    if (snapshot === undefined) {
      end();
      return undefined;
    }
    snapshots.push(snapshot);
  }
  const own = pages.memories.filter(({ process }) => process !== undefined);
  const ownEnd = own.at(-1)?.end ?? 0;
  const shared = copiedPages(pagesInPlace(tracked, pages), rowsBetween(ownEnd, pages.address.length));
  return {
    read(row, target) {
      if (row >= ownEnd) return shared.read(row, target);
      const index = own.findIndex((rows) => row < rows.end);
      readPage(snapshots[index].view, pages.address[row], target);
    },
    end,
  };
}

function* rowsBetween(first: number, end: number): Generator<number> {
  for (let row = first; row < end; row++) yield row;
}

/** The memory that a row is a page of. */
export function memoryOf({ memories }: Pick<CollectedPages, "memories">, row: number): TreeMemoryRows {
  const memory = memories.find(({ first, end }) => row >= first && row < end);
  if (memory === undefined) throw new Error(`row ${row} is of no memory`);
  return memory;
}

/** A page by its address; zeros where nothing is mapped now. */
function lookUp(tracked: Tracked, { process, file, object }: TreeMemoryRows, address: number, target: Uint8Array): void {
  if (process !== undefined) return readPage(process, address, target);
  const pfn = cachedFrame(tracked, placeAt(tracked.architecture, { file, object, offset: address }));
  if (pfn !== undefined) tracked.memory.read(pfn * frameBytes, target);
  else if (file === undefined) target.fill(0);
  else tracked.files.read(file, address, target);
}

function readPage(view: ProcessView, vaddr: number, target: Uint8Array): void {
  if (peekPage(view, vaddr, target) === "unmapped") target.fill(0);
}

/** Where a page is mapped, and by which process: for shared memory the first that does. `undefined`: nobody maps it. */
export function mappedAt(
  tracked: Tracked,
  { process, file, object }: TreeMemoryRows,
  address: number,
): { readonly process: TrackedProcess; readonly vaddr: number } | undefined {
  if (process !== undefined) return { process, vaddr: address };
  for (const each of processesOf(tracked)) {
    for (const area of each.space.areas) {
      const vaddr = area.start + (address - area.offset);
      const isMapped = area.file === file && (file !== undefined || area.object === object);
      if (isMapped && vaddr >= area.start && vaddr < area.end) return { process: each, vaddr };
    }
  }
  return undefined;
}
