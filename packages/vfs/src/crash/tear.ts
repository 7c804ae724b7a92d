// A block of which only some sectors reached the disk before the power failed.

import type { DataChange } from "./operation.ts";

/** Bytes of a block, from one up to and without another. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A write that was cut off: the operation, and which bytes of the block arrived. */
export interface Torn {
  readonly id: number;
  readonly arrived: readonly ByteRange[];
}

/** How finely writes tear: not at all, between sectors, or inside a sector as well (SQLite's "linear" writes). */
export type Tearing = "none" | "sectors" | "bytes";

/** The tears that are tried of each write: its first and last sectors alone, its halves, and all but the middle one. */
export function tearsOf(change: DataChange, sectorBytes: number, tearing: Tearing): readonly (readonly ByteRange[])[] {
  if (tearing === "none") return [];
  const { start, end } = change;
  const sectors = sectorsOf(change, sectorBytes);
  const half = Math.ceil(sectors.length / 2);
  const tears = [
    sectors.slice(0, 1),
    sectors.slice(-1),
    sectors.slice(0, half),
    sectors.slice(half),
    sectors.filter((_, index) => index !== half - 1),
  ];
  const ranges = sectors.length < 2 ? [] : tears.map((some) => rangesOf(some, sectorBytes));
  const middle = Math.floor((start + end) / 2);
  if (tearing === "bytes" && end - start > 1) ranges.push([{ start, end: middle }], [{ start: middle, end }]);
  return [...new Map(ranges.map((some) => [printRanges(some), some])).values()];
}

/** Any sectors of a write but none and all, or `undefined` if it has only one. */
export function randomTear(change: DataChange, sectorBytes: number, random: () => number): readonly ByteRange[] | undefined {
  const sectors = sectorsOf(change, sectorBytes);
  const arrived = sectors.filter(() => random() < 0.5);
  return arrived.length === 0 || arrived.length === sectors.length ? undefined : rangesOf(arrived, sectorBytes);
}

/** A block after a torn write: what did not arrive is as it was before, or `unwritten` where nothing was. */
export function tornBlock(
  change: DataChange,
  arrived: readonly ByteRange[],
  before: Uint8Array,
  sectorBytes: number,
): Uint8Array {
  const bytes = change.bytes.slice();
  for (const sector of sectorsOf(change, sectorBytes)) {
    for (let at = sector * sectorBytes; at < (sector + 1) * sectorBytes; at++)
      if (!arrived.some(({ start, end }) => start <= at && at < end)) bytes[at] = before[at];
  }
  return bytes;
}

/** As `0-16+32-48`. */
export function printRanges(ranges: readonly ByteRange[]): string {
  return ranges.map(({ start, end }) => `${start}-${end}`).join("+");
}

function sectorsOf({ start, end }: DataChange, sectorBytes: number): readonly number[] {
  const first = Math.floor(start / sectorBytes);
  return Array.from({ length: Math.ceil(end / sectorBytes) - first }, (_, index) => first + index);
}

function rangesOf(sectors: readonly number[], sectorBytes: number): readonly ByteRange[] {
  const ranges: { start: number; end: number }[] = [];
  for (const sector of sectors) {
    const [start, end] = [sector * sectorBytes, (sector + 1) * sectorBytes];
    const last = ranges.at(-1);
    if (last?.end === start) last.end = end;
    else ranges.push({ start, end });
  }
  return ranges;
}
