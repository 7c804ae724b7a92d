// Where a new mapping goes: Linux's `__get_unmapped_area`, and x86's searches downwards and upwards.

import { isPageAligned } from "./address-layout.ts";
import type { AddressLayout } from "./address-layout.ts";
import { findVma, findVmaIndex } from "./area.ts";
import type { Area } from "./area.ts";
import type { Errno } from "./outcome.ts";
import { MAP_32BIT, MAP_ABOVE4G, MAP_FIXED } from "./system-call-flags.ts";
import { VM_GROWSDOWN } from "./vm-flags.ts";

/** What is to be placed. */
export interface Placement {
  /** Where the caller would like it, or with MAP_FIXED must have it; 0: anywhere. */
  readonly address: number;
  readonly byteCount: number;
  /** MAP_* */
  readonly flags: number;
  /** Only private anonymous memory is aligned to huge pages. */
  readonly backing: "anonymous" | "object";
}

/** The address for a new mapping, or why there is none. */
export function findUnmappedArea(areas: readonly Area[], layout: AddressLayout, wanted: Placement): number | Errno {
  if (wanted.byteCount > layout.taskSize) return "ENOMEM";
  const address = (wanted.flags & MAP_FIXED) === 0 ? search(areas, layout, wanted) : wanted.address;
  if (address === undefined || address > layout.taskSize - wanted.byteCount) return "ENOMEM";
  if (!isPageAligned(layout, address)) return "EINVAL";
  return address < layout.mmapMinimum ? "EPERM" : address;
}

/** Start of an area with the free bytes that belong to it below: `vm_start_gap`. */
export function startWithGuard(layout: AddressLayout, area: Area): number {
  return (area.flags & VM_GROWSDOWN) === 0 ? area.start : Math.max(0, area.start - layout.stackGuardBytes);
}

function search(areas: readonly Area[], layout: AddressLayout, wanted: Placement): number | undefined {
  const { address, byteCount, flags } = wanted;
  const huge = layout.hugePageBytes;
  if (wanted.backing === "anonymous" && address === 0 && huge > 0 && byteCount % huge === 0) {
    const padded = lookAround(areas, layout, 0, byteCount + huge, flags);
    // Downwards, an already aligned gap is used at its upper end.
    if (padded !== undefined) return padded % huge === 0 ? padded + huge : Math.ceil(padded / huge) * huge;
  }
  return lookAround(areas, layout, address, byteCount, flags);
}

/** `arch_get_unmapped_area_topdown`: the hint, then the highest gap below the base, then the lowest above the legacy base. */
function lookAround(
  areas: readonly Area[],
  layout: AddressLayout,
  address: number,
  byteCount: number,
  flags: number,
): number | undefined {
  const isLow = (flags & MAP_32BIT) !== 0;
  const hint = address - (address & (layout.pageBytes - 1));
  const limit = isLow ? 0x8000_0000 : layout.taskSize;
  if (hint > 0 && hint + byteCount <= limit && isFree(areas, layout, hint, byteCount)) return hint;
  if (isLow) return lowestGap(areas, layout, 0x4000_0000, limit, byteCount);
  const lowest = (flags & MAP_ABOVE4G) === 0 ? 0 : 2 ** 32;
  return (
    highestGap(areas, layout, byteCount, lowest) ?? lowestGap(areas, layout, layout.mmapLegacyBase, layout.taskSize, byteCount)
  );
}

function isFree(areas: readonly Area[], layout: AddressLayout, address: number, byteCount: number): boolean {
  const above = findVma(areas, address);
  return above === undefined || address + byteCount <= startWithGuard(layout, above);
}

/**
 * `unmapped_area_topdown`. A gap that would do, but for the guard of the stack above it, ends the search above that guard: what
 * else lies between there and the stack is not looked at.
 */
function highestGap(areas: readonly Area[], layout: AddressLayout, byteCount: number, lowest: number): number | undefined {
  const low = Math.max(lowest, layout.pageBytes, layout.mmapMinimum);
  let limit = layout.mmapBase;
  for (let above = findVmaIndex(areas, limit); above >= 0; above--) {
    const floor = above > 0 ? Math.max(low, areas[above - 1].end) : low;
    if (Math.min(limit, areas[above]?.start ?? limit) - floor < byteCount) continue;
    if (above < areas.length) limit = Math.min(limit, startWithGuard(layout, areas[above]));
    if (limit - floor >= byteCount) return limit - byteCount;
  }
  return undefined;
}

/** `unmapped_area` */
function lowestGap(
  areas: readonly Area[],
  layout: AddressLayout,
  base: number,
  limit: number,
  byteCount: number,
): number | undefined {
  let floor = Math.max(base, layout.mmapMinimum);
  for (let above = findVmaIndex(areas, floor); above <= areas.length; above++) {
    const ceiling = above < areas.length ? Math.min(limit, startWithGuard(layout, areas[above])) : limit;
    if (ceiling - floor >= byteCount) return floor;
    if (above < areas.length) floor = Math.max(floor, areas[above].end);
  }
  return undefined;
}
