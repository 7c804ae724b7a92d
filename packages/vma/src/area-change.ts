// What can happen to the areas of a process, as facts, and the areas after each.

import { areasIn, findVmaIndex, isAnonymous, sliceArea } from "./area.ts";
import type { Area } from "./area.ts";
import { canMerge, mergeAreas } from "./merge.ts";
import { VM_LOCKED, VM_SOFTDIRTY } from "./vm-flags.ts";

/** A fact about areas: plain JSON. Addresses are multiples of the page size, ranges half-open. */
export type AreaChange =
  /** New memory where nothing was mapped. */
  | { readonly kind: "area-mapped"; readonly area: Area }
  /** Nothing is mapped there any more. */
  | { readonly kind: "area-unmapped"; readonly start: number; readonly end: number }
  /** `mprotect`: `flags` are all VM_* of these pages from now on. One change an area. */
  | { readonly kind: "area-protected"; readonly start: number; readonly end: number; readonly flags: number }
  /**
   * `mremap`: the pages of [from, from + byteCount) are at `to` now, where nothing was mapped, and room behind them, `newByteCount`
   * in all. What they leave behind is no area any more, or (MREMAP_DONTUNMAP) the same area without pages. One change an area.
   */
  | {
      readonly kind: "area-moved";
      readonly from: number;
      readonly to: number;
      readonly byteCount: number;
      readonly newByteCount: number;
      readonly source: "unmapped" | "kept";
    }
  /** MADV_DONTNEED: the areas stay, their pages are dropped. */
  | { readonly kind: "area-discarded"; readonly start: number; readonly end: number }
  /** MADV_FREE: the areas stay, their pages may be dropped until they are written again. */
  | { readonly kind: "area-freed"; readonly start: number; readonly end: number }
  /** The area that [start, end) touches takes it in: a stack from above (`down`), `brk` and `mremap` from below (`up`). */
  | { readonly kind: "area-grown"; readonly start: number; readonly end: number; readonly direction: "down" | "up" }
  /** `madvise` that sets flags: `flags` are all VM_* of these pages from now on. One change an area. */
  | { readonly kind: "area-advised"; readonly start: number; readonly end: number; readonly flags: number }
  /** The area that begins at `start` has got its first private page. */
  | { readonly kind: "anon-vma-prepared"; readonly start: number; readonly anonVma: number }
  /** The program break is there now. The areas changed by facts of their own. */
  | { readonly kind: "break-moved"; readonly brk: number };

/** The areas after a change: split and merged as Linux does. What a change does not touch is the same object as before. */
export function applyAreaChange(areas: readonly Area[], change: AreaChange): readonly Area[] {
  switch (change.kind) {
    case "area-mapped":
      return replaceRange(areas, change.area.start, change.area.end, [change.area], joinsLeft(change.area) ? "both" : "right");
    case "area-unmapped":
      return replaceRange(areas, change.start, change.end, [], "both");
    case "area-protected":
    case "area-advised":
      return replaceRange(areas, change.start, change.end, withFlags(areas, change.start, change.end, change.flags), "both");
    case "area-moved":
      return move(areas, change);
    case "area-grown":
      return change.direction === "up" ? growUp(areas, change.start, change.end) : growDown(areas, change.start, change.end);
    case "anon-vma-prepared":
      return areas.map((area) => (area.start === change.start ? { ...area, anonVma: change.anonVma } : area));
  }
  change.kind satisfies "area-discarded" | "area-freed" | "break-moved";
  return areas;
}

/** A heap that could go on from what lies below it has grown instead (`brk`), so a new one stays apart from it: `do_brk_flags`. */
function joinsLeft(area: Area): boolean {
  return area.name !== "[heap]";
}

/** The parts of areas in [start, end). */
function slices(areas: readonly Area[], start: number, end: number): readonly Area[] {
  return areasIn(areas, start, end).map((area) => sliceArea(area, start, end));
}

function withFlags(areas: readonly Area[], start: number, end: number, flags: number): readonly Area[] {
  return slices(areas, start, end).map((area) => ({ ...area, flags }));
}

/** Puts `pieces` where [start, end) was, and merges them with each other and with their neighbours, or the right one only. */
function replaceRange(
  areas: readonly Area[],
  start: number,
  end: number,
  pieces: readonly Area[],
  merging: "both" | "right",
): readonly Area[] {
  const first = findVmaIndex(areas, start);
  let after = first;
  while (after < areas.length && areas[after].start < end) after += 1;
  if (first === after && pieces.length === 0) return areas;

  const left = first < after && areas[first].start < start ? [sliceArea(areas[first], 0, start)] : [];
  const right = first < after && areas[after - 1].end > end ? [sliceArea(areas[after - 1], end, areas[after - 1].end)] : [];
  const result = areas.slice(0, first);
  result.push(...left);
  let mayMerge = merging === "both";
  for (const piece of [...pieces, ...right, ...areas.slice(after, after + 1 - right.length)]) {
    const previous = result.at(-1);
    if (mayMerge && previous !== undefined && canMerge(previous, piece)) result[result.length - 1] = mergeAreas(previous, piece);
    else result.push(piece);
    mayMerge = true;
  }
  return result.concat(areas.slice(after + 1 - right.length));
}

/**
 * Linux's `copy_vma`, then `unmap_source_vma` or `dontunmap_complete`. In this order the copy of untouched memory may become one
 * with what is left of its source, and with a neighbour that has an `anon_vma`, which both have then.
 */
function move(
  areas: readonly Area[],
  { from, to, byteCount, newByteCount, source }: AreaChange & { kind: "area-moved" },
): readonly Area[] {
  const end = from + byteCount;
  const copies = slices(areas, from, end).map((area) =>
    movedTo(area, area.start - from + to, area.end === end ? to + newByteCount : area.end - from + to),
  );
  const copied = copies.reduce((so, copy) => replaceRange(so, copy.start, copy.end, [copy], "both"), areas);
  return source === "unmapped" ? replaceRange(copied, from, end, [], "both") : copied.map((area) => leftBehind(area, from, end));
}

/** Anonymous memory without pages counts its offset from the new place, which lets it merge there. */
function movedTo(area: Area, start: number, end: number): Area {
  const anonymous = isAnonymous(area);
  return {
    ...area,
    start,
    end,
    offset: anonymous && area.anonVma === undefined ? start : area.offset,
    name: anonymous && !area.name.startsWith("[anon:") ? "" : area.name,
  };
}

/** An area all of which was moved away has no pages, and so no `anon_vma`. */
function leftBehind(area: Area, start: number, end: number): Area {
  if (area.end <= start || area.start >= end) return area;
  const emptied = area.start >= start && area.end <= end;
  return { ...area, flags: area.flags & ~VM_LOCKED, anonVma: emptied ? undefined : area.anonVma };
}

/** Linux's `vma_merge_extend` and `do_brk_flags`: the area below takes the range in, and the one above it if it fits. */
function growUp(areas: readonly Area[], start: number, end: number): readonly Area[] {
  const below = areas[findVmaIndex(areas, start) - 1];
  const grown = { ...below, end, flags: below.flags | VM_SOFTDIRTY };
  return replaceRange(areas, below.start, end, [grown], "right");
}

/** Linux's `expand_downwards`: it merges with nothing. */
function growDown(areas: readonly Area[], start: number, end: number): readonly Area[] {
  const index = findVmaIndex(areas, end);
  const above = areas[index];
  const grown = { ...above, start, offset: above.offset - (end - start), flags: above.flags | VM_SOFTDIRTY };
  return areas.with(index, grown);
}
