// The segments of a core: areas, cut where bytes that are known end.

import { frameBytes } from "@pagelapse/mmu";
import { VM_EXEC, VM_READ, VM_WRITE } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { MappedFiles } from "../address-space.ts";
import type { MemoryImage } from "../memory-image.ts";

/** A range of one area, all of whose bytes are known, or none. */
export interface CoreSegment {
  readonly start: number;
  readonly end: number;
  readonly area: Area;
  readonly bytes: "known" | "unknown";
  /** Addresses of the image's pages in it, by address. */
  readonly pages: readonly number[];
}

/**
 * The areas in order. One of private or shared memory is a segment of its own, and so is one of a file whose bytes are known; else
 * the pages that the image has are, and what lies between them is unknown. Throws a `RangeError` for a page outside of all areas.
 */
export function coreSegments(image: MemoryImage, areas: readonly Area[], files: MappedFiles): readonly CoreSegment[] {
  const pages = [...image.pages.keys()].toSorted((left, right) => left - right);
  const segments: CoreSegment[] = [];
  let next = 0;
  for (const area of areas) {
    const first = next;
    while (next < pages.length && pages[next] < area.end) next += 1;
    if (first < next && pages[first] < area.start) outside(pages[first]);
    const held = pages.slice(first, next);
    if (isKnownUntouched(image, area, files))
      segments.push({ start: area.start, end: area.end, area, bytes: "known", pages: held });
    else cutAtPages(area, held, segments);
  }
  if (next < pages.length) outside(pages[next]);
  return segments;
}

/** p_flags: PF_X 1, PF_W 2, PF_R 4 */
export function segmentFlags({ flags }: Area): number {
  return ((flags & VM_EXEC) === 0 ? 0 : 1) + ((flags & VM_WRITE) === 0 ? 0 : 2) + ((flags & VM_READ) === 0 ? 0 : 4);
}

/** Whether it is known what the pages hold that the image does not have. */
function isKnownUntouched({ leavesOut }: MemoryImage, area: Area, files: MappedFiles): boolean {
  if ((area.flags & leavesOut) !== 0) return false;
  return area.file === undefined || files.read(area.file, area.offset, nothing) === "known";
}

const nothing = new Uint8Array(0);

function cutAtPages(area: Area, pages: readonly number[], segments: CoreSegment[]): void {
  let at = area.start;
  for (let index = 0; index < pages.length;) {
    const first = index;
    const start = pages[first];
    let end = start;
    for (; index < pages.length && pages[index] === end; index++) end += frameBytes;
    if (at < start) segments.push({ start: at, end: start, area, bytes: "unknown", pages: [] });
    segments.push({ start, end, area, bytes: "known", pages: pages.slice(first, index) });
    at = end;
  }
  if (at < area.end) segments.push({ start: at, end: area.end, area, bytes: "unknown", pages: [] });
}

function outside(page: number): never {
  throw new RangeError(`page ${page} of the image lies in none of its areas`);
}
