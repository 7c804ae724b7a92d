// brk(2): Linux's `sys_brk` and `do_brk_flags`.

import { pageAlign } from "./address-layout.ts";
import type { AddressLayout } from "./address-layout.ts";
import { findVma, findVmaIndex } from "./area.ts";
import type { Area } from "./area.ts";
import type { AreaChange } from "./area-change.ts";
import { canMerge } from "./merge.ts";
import { succeed } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import { startWithGuard } from "./placement.ts";
import { VM_ACCOUNT, VM_MAYEXEC, VM_MAYREAD, VM_MAYWRITE, VM_READ, VM_SOFTDIRTY, VM_WRITE } from "./vm-flags.ts";

/** The argument of brk(2). */
export interface BrkCall {
  readonly address: number;
}

const heapFlags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_ACCOUNT | VM_SOFTDIRTY;

/** Moves the program break. There is no errno: the answer is the break, unmoved if it could not be moved. */
export function brk(areas: readonly Area[], layout: AddressLayout, call: BrkCall): Outcome {
  const changes = moveBreak(areas, layout, call.address);
  if (changes === undefined) return succeed(layout.brk);
  return succeed(call.address, call.address === layout.brk ? changes : [...changes, { kind: "break-moved", brk: call.address }]);
}

/** What happens to the areas; `undefined` if the break stays where it is. */
function moveBreak(areas: readonly Area[], layout: AddressLayout, address: number): readonly AreaChange[] | undefined {
  if (address < layout.startBrk) return undefined;
  const from = pageAlign(layout, layout.brk);
  const to = pageAlign(layout, address);
  if (from === to) return [];
  if (to < from) return shrink(areas, to, from);
  if (to > layout.taskSize || areas.length > layout.mapCountLimit) return undefined;
  // A page stays free above the heap, beside what a stack there needs.
  const above = findVma(areas, from);
  if (above !== undefined && to + layout.pageBytes > startWithGuard(layout, above)) return undefined;
  return [extend(areas, layout, from, to)];
}

function shrink(areas: readonly Area[], to: number, from: number): readonly AreaChange[] | undefined {
  const met = findVma(areas, to);
  return met === undefined || met.start >= from ? undefined : [{ kind: "area-unmapped", start: to, end: from }];
}

function extend(areas: readonly Area[], layout: AddressLayout, start: number, end: number): AreaChange {
  const area: Area = {
    start,
    end,
    flags: heapFlags,
    file: undefined,
    offset: start,
    name: "[heap]",
    object: undefined,
    anonVma: undefined,
  };
  const below = areas[findVmaIndex(areas, start) - 1];
  if (below !== undefined && below.end > layout.startBrk && canMerge(below, area))
    return { kind: "area-grown", start, end, direction: "up" };
  return { kind: "area-mapped", area };
}
