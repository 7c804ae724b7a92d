// What a watched place holds at a moment, and in which bytes of physical memory that is decided.

import { cachePlace, cachedFrame, peekPage, treeOf } from "@pagelapse/checkpoint";
import type { ProcessView } from "@pagelapse/checkpoint";
import type { KindName } from "@pagelapse/events";
import { findLeaf, frameBehind, frameBytes, isSwapPte, none, ptePresent, readEntry, swappedFrame, walk } from "@pagelapse/mmu";
import type { Walk } from "@pagelapse/mmu";
import type { MemoryRange, PastView } from "@pagelapse/replay";
import { areaAt } from "@pagelapse/vma";
import type { WatchedPlace } from "./stop.ts";

/** A watched place at a moment. */
export interface Watched {
  /** `undefined`: some of it is not mapped, or its bytes are not known. */
  readonly bytes: Uint8Array | undefined;
  /** Where its bytes stand: in frames, on the swap device, in the page cache; not the parts that stand nowhere. */
  readonly data: readonly MemoryRange[];
  /** The entries of the page tables on the way there: while none of them is written, the bytes stand where they do. */
  readonly entries: readonly MemoryRange[];
  /** Facts about the state that may open another way there: while a task, an area or a tree of the page cache is missing. */
  readonly awaited: readonly KindName[];
}

/** Reads a watched place. */
export function watchedIn(view: PastView, place: WatchedPlace): Watched {
  if (place.space === "physical") return physicalIn(view, place.address, place.byteCount);
  if (place.task >= view.state.tasks.length) return { bytes: undefined, data: [], entries: [], awaited: ["task-created"] };
  const process = view.process(place.task);
  const parts = pagePartsOf(place.address, place.byteCount).map((part) => partIn(process, part.start, part.byteCount));
  const known = parts.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes]));
  return {
    bytes: known.length === parts.length ? joinBytes(known) : undefined,
    data: parts.flatMap(({ data }) => data),
    entries: parts.flatMap(({ entries }) => entries),
    awaited: [...new Set(parts.flatMap(({ awaited }) => awaited))],
  };
}

/** Parts of a range that each lie in one page of 4 KiB. */
function pagePartsOf(start: number, byteCount: number): readonly { readonly start: number; readonly byteCount: number }[] {
  const parts = [];
  for (let at = start; at < start + byteCount;) {
    const end = Math.min(start + byteCount, at - (at & (frameBytes - 1)) + frameBytes);
    parts.push({ start: at, byteCount: end - at });
    at = end;
  }
  return parts;
}

/** Where the byte at a virtual address stands in physical memory, swapped out or only in the page cache perhaps. */
export function placeOf(view: ProcessView, vaddr: number): number | undefined {
  const { architecture, memory, space } = view;
  const { bits } = architecture;
  const offset = vaddr & (frameBytes - 1);
  const page = vaddr - offset;
  const leaf = findLeaf(memory, architecture, space.root, page);
  const entry = leaf === undefined ? none : readEntry(memory, architecture, leaf.paddr);
  if (leaf !== undefined && ptePresent(bits, entry)) return frameBehind(bits, leaf.level, entry, page) * frameBytes + offset;
  if (isSwapPte(bits, entry)) return swappedFrame(memory, architecture, entry) * frameBytes + offset;
  const area = areaAt(space.areas, page);
  const place = area === undefined ? undefined : cachePlace(architecture, area, page);
  const cached = place === undefined ? undefined : cachedFrame(view, place);
  return cached === undefined ? undefined : cached * frameBytes + offset;
}

function physicalIn(view: PastView, address: number, byteCount: number): Watched {
  const parts = pagePartsOf(address, byteCount).map((part) => {
    const bytes = new Uint8Array(part.byteCount);
    view.memory.read(part.start, bytes);
    return bytes;
  });
  return { bytes: joinBytes(parts), data: [{ paddr: address, byteCount }], entries: [], awaited: [] };
}

function partIn(process: ProcessView, vaddr: number, byteCount: number): Watched {
  const offset = vaddr & (frameBytes - 1);
  const page = new Uint8Array(frameBytes);
  const found = peekPage(process, vaddr - offset, page);
  const paddr = placeOf(process, vaddr);
  const { architecture, memory, space } = process;
  const { trees, awaited } = cacheOf(process, vaddr);
  const steps = [walk(memory, architecture, space.root, vaddr), ...trees].flatMap((way) => way.steps);
  return {
    bytes: found === "known" ? page.subarray(offset, offset + byteCount) : undefined,
    data: paddr === undefined ? [] : [{ paddr, byteCount }],
    entries: steps.map((step) => ({ paddr: step.paddr, byteCount: architecture.entryBytes })),
    awaited,
  };
}

const areaKinds: readonly KindName[] = ["area-mapped", "area-moved", "area-grown", "break-moved"];

/** The way to a page in the page cache, where its area has one, and what would make one. */
function cacheOf(
  process: ProcessView,
  vaddr: number,
): { readonly trees: readonly Walk[]; readonly awaited: readonly KindName[] } {
  const { architecture, memory, space } = process;
  const area = areaAt(space.areas, vaddr);
  if (area === undefined) return { trees: [], awaited: areaKinds };
  const place = cachePlace(architecture, area, vaddr - (vaddr & (frameBytes - 1)));
  if (place === undefined) return { trees: [], awaited: [] };
  const root = treeOf(process, place);
  return root === undefined
    ? { trees: [], awaited: ["object-cached"] }
    : { trees: [walk(memory, architecture, root, place.address)], awaited: ["object-dropped"] };
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
