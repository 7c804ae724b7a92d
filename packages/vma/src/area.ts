// An area of memory: a run of pages that a program may use in one way, and how to find it.

import { VM_SPECIAL } from "./vm-flags.ts";

/**
 * Linux's `vm_area_struct`, as a plain JSON value. Addresses are multiples of the page size.
 * A process's areas are an array sorted by address, no two of which overlap.
 */
export interface Area {
  /** Address of its first byte. */
  readonly start: number;
  /** Address after its last byte. */
  readonly end: number;
  /** VM_* bits. */
  readonly flags: number;
  /** Label of the file it maps; `undefined`: anonymous memory. */
  readonly file: string | undefined;
  /**
   * Bytes from the beginning of what it maps to `start` (`vm_pgoff`). Private anonymous memory counts from address 0 of the
   * place where it was first mapped or last moved while it had no page: it merges only with what continues that count.
   */
  readonly offset: number;
  /**
   * Last column of /proc/PID/maps: a path, `[heap]`, `[stack]`, or nothing. Linux works `[heap]` out when it prints, for all
   * anonymous memory between the ends of the heap; here it is what `brk` mapped.
   */
  readonly name: string;
  /**
   * Tells apart what `file` cannot: every shared anonymous mapping is an object of its own, and areas of one file that came
   * through different open files do not merge. `undefined` for private anonymous memory.
   */
  readonly object: number | undefined;
  /** Number of the `anon_vma` that its first private page was given (`prepareAnonVma`); `undefined` before that. */
  readonly anonVma: number | undefined;
}

/** Private memory without a file: Linux's `vma_is_anonymous`. */
export function isAnonymous(area: Area): boolean {
  return area.file === undefined && area.object === undefined && (area.flags & VM_SPECIAL) === 0;
}

/** The first area that ends above `address`, whether it holds it or lies higher. Linux: `find_vma`. */
export function findVma(areas: readonly Area[], address: number): Area | undefined {
  return areas[findVmaIndex(areas, address)];
}

/** Index of what `findVma` finds; the number of areas when there is none. */
export function findVmaIndex(areas: readonly Area[], address: number): number {
  let low = 0;
  let high = areas.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (areas[middle].end > address) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The area that holds `address`. Linux: `vma_lookup`. */
export function areaAt(areas: readonly Area[], address: number): Area | undefined {
  const area = findVma(areas, address);
  return area !== undefined && area.start <= address ? area : undefined;
}

/** The areas that have a byte in [start, end), whole. */
export function areasIn(areas: readonly Area[], start: number, end: number): readonly Area[] {
  const first = findVmaIndex(areas, start);
  let after = first;
  while (after < areas.length && areas[after].start < end) after += 1;
  return areas.slice(first, after);
}

/** The part of an area that lies in [start, end), which must meet it. */
export function sliceArea(area: Area, start: number, end: number): Area {
  const from = Math.max(area.start, start);
  const to = Math.min(area.end, end);
  if (from === area.start && to === area.end) return area;
  return { ...area, start: from, end: to, offset: area.offset + (from - area.start) };
}
