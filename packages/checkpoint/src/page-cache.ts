// Pages of files and of shared memory that are in frames, whether or not an entry leads to them.

import { findEntry, pteFrame, pteNone, readEntry } from "@pagelapse/mmu";
import type { Architecture, PhysicalMemory } from "@pagelapse/mmu";
import type { Area } from "@pagelapse/vma";

/**
 * What areas map beside private anonymous memory, as far as it is in the page cache: Linux's `address_space`. Its tree is a
 * page table of the machine's own shape, whose addresses are offsets. What lies further on than such a table reaches has a
 * tree of its own.
 */
export interface CachedObject {
  /** As in `Area.file`; `undefined` for shared anonymous memory, which `object` tells apart. */
  readonly file: string | undefined;
  readonly object: number | undefined;
  /** Offset at which the tree begins: a multiple of what it spans. */
  readonly base: number;
  /** Physical address of its root. */
  readonly root: number;
}

/** The page cache, and the memory that its trees and pages lie in. */
export interface PageCache {
  readonly architecture: Architecture;
  readonly memory: PhysicalMemory;
  readonly cached: readonly CachedObject[];
}

/** Where in the page cache the page belongs that an area maps at `vaddr`; `undefined` for private memory without a file. */
export function cachePlace(
  architecture: Architecture,
  area: Pick<Area, "start" | "file" | "offset" | "object">,
  vaddr: number,
): CachePlace | undefined {
  const object = area.file === undefined ? area.object : undefined;
  if (area.file === undefined && object === undefined) return undefined;
  return placeAt(architecture, { file: area.file, object, offset: area.offset + (vaddr - area.start) });
}

/** A page of a file, or of shared anonymous memory, by its offset. */
export interface ObjectPage {
  readonly file: string | undefined;
  readonly object: number | undefined;
  readonly offset: number;
}

/** Where in the page cache a page belongs. */
export function placeAt(architecture: Architecture, { file, object, offset }: ObjectPage): CachePlace {
  const [{ span, entryCount }] = architecture.levels;
  const base = Math.floor(offset / (span * entryCount)) * (span * entryCount);
  return { file, object, base, address: offset - base };
}

/** A page of an object, by the tree that it belongs to and its address in that tree. */
export interface CachePlace extends Omit<CachedObject, "root"> {
  readonly address: number;
}

/** Root of the tree for a place; `undefined` when no page of it was ever cached. */
export function treeOf({ cached }: Pick<PageCache, "cached">, place: CachePlace): number | undefined {
  return cached.find((known) => known.file === place.file && known.object === place.object && known.base === place.base)?.root;
}

/** The frame of the page at a place; `undefined` when the cache does not have it. */
export function cachedFrame(cache: PageCache, place: CachePlace): number | undefined {
  const root = treeOf(cache, place);
  if (root === undefined) return undefined;
  const paddr = findEntry(cache.memory, cache.architecture, root, place.address);
  if (paddr < 0) return undefined;
  const entry = readEntry(cache.memory, cache.architecture, paddr);
  return pteNone(entry) ? undefined : pteFrame(cache.architecture.bits, entry);
}
