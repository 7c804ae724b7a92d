// An area's first private page ties it to an `anon_vma`, and to whom it can merge with: Linux's `__anon_vma_prepare`.

import { findVmaIndex } from "./area.ts";
import type { Area } from "./area.ts";
import type { AreaChange } from "./area-change.ts";
import { VM_ACCESS_FLAGS, VM_SOFTDIRTY } from "./vm-flags.ts";

/**
 * The change that a store's page fault makes in the area that holds `address`, if it is the area's first private page (a load of
 * untouched anonymous memory gets the zero frame and ties nothing). A neighbour that `mprotect` could make like this area
 * lends its number, the upper one first, so that the two can merge later; else the number is new.
 */
export function prepareAnonVma(areas: readonly Area[], address: number): readonly AreaChange[] {
  const index = findVmaIndex(areas, address);
  const area = areas[index];
  if (area === undefined || area.start > address || area.anonVma !== undefined) return [];
  return [{ kind: "anon-vma-prepared", start: area.start, anonVma: borrowed(areas, index) ?? newNumber(areas) }];
}

function borrowed(areas: readonly Area[], index: number): number | undefined {
  const above = areas[index + 1];
  if (above?.anonVma !== undefined && couldShare(areas[index], above)) return above.anonVma;
  const below = areas[index - 1];
  return below?.anonVma !== undefined && couldShare(below, areas[index]) ? below.anonVma : undefined;
}

/** `anon_vma_compatible` */
function couldShare(left: Area, right: Area): boolean {
  return (
    left.end === right.start &&
    left.file === right.file &&
    left.object === right.object &&
    ((left.flags ^ right.flags) & ~(VM_ACCESS_FLAGS | VM_SOFTDIRTY)) === 0 &&
    left.offset + (left.end - left.start) === right.offset
  );
}

function newNumber(areas: readonly Area[]): number {
  return areas.reduce((highest, area) => Math.max(highest, area.anonVma ?? 0), 0) + 1;
}
