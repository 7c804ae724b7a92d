// mremap(2): Linux 6.18's `do_mremap`.

import { isPageAligned, pageAlign } from "./address-layout.ts";
import type { AddressLayout } from "./address-layout.ts";
import { areaAt, areasIn, findVma, isAnonymous, sliceArea } from "./area.ts";
import type { Area } from "./area.ts";
import { applyAreaChange } from "./area-change.ts";
import type { AreaChange } from "./area-change.ts";
import { munmap } from "./munmap.ts";
import { fail, succeed } from "./outcome.ts";
import type { Errno, Outcome } from "./outcome.ts";
import { findUnmappedArea } from "./placement.ts";
import { isSpecialMapping } from "./special-mapping.ts";
import { MAP_FIXED, MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE } from "./system-call-flags.ts";
import { VM_DONTEXPAND, VM_MAYSHARE, VM_PFNMAP, VM_SOFTDIRTY } from "./vm-flags.ts";

/** The arguments of mremap(2). */
export interface MremapCall {
  readonly start: number;
  readonly oldBytes: number;
  readonly newBytes: number;
  /** MREMAP_* */
  readonly flags: number;
  /** The new address, with MREMAP_FIXED; with MREMAP_DONTUNMAP alone, a hint. */
  readonly to: number;
}

/** Moves, shrinks or grows memory. A plain move (MREMAP_FIXED, same size) takes several areas, holes between them and all. */
export function mremap(areas: readonly Area[], layout: AddressLayout, call: MremapCall): Outcome {
  const wanted = { ...call, oldBytes: pageAlign(layout, call.oldBytes), newBytes: pageAlign(layout, call.newBytes) };
  const errno = refuseArguments(layout, wanted, areas.length);
  if (errno !== undefined) return fail(errno);
  if ((wanted.flags & MREMAP_FIXED) !== 0 && wanted.oldBytes === wanted.newBytes) return moveEach(areas, layout, wanted);

  const area = areaAt(areas, wanted.start);
  if (area === undefined) return fail("EFAULT");
  const refusal = refuseArea(area, wanted);
  if (refusal !== undefined) return fail(refusal);
  if (choosesAddress(wanted)) return moveTo(areas, layout, wanted);
  if (wanted.newBytes < wanted.oldBytes) return shrinkInPlace(areas, layout, wanted);
  return wanted.newBytes === wanted.oldBytes ? succeed(wanted.start) : grow(areas, layout, area, wanted);
}

/** Is the new address the caller's business? `vrm_implies_new_addr` */
function choosesAddress(call: MremapCall): boolean {
  return (call.flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0;
}

/** `check_mremap_params` */
function refuseArguments(layout: AddressLayout, call: MremapCall, mapCount: number): Errno | undefined {
  const { start, oldBytes, newBytes, flags, to } = call;
  if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0 || !isPageAligned(layout, start)) return "EINVAL";
  if (newBytes === 0 || newBytes > layout.taskSize) return "EINVAL";
  if (!choosesAddress(call)) return undefined;
  if (to > layout.taskSize - newBytes || !isPageAligned(layout, to) || (flags & MREMAP_MAYMOVE) === 0) return "EINVAL";
  if ((flags & MREMAP_DONTUNMAP) !== 0 && oldBytes !== newBytes) return "EINVAL";
  if (start + oldBytes > to && to + newBytes > start) return "EINVAL";
  return mapCount + 2 >= layout.mapCountLimit - 3 ? "ENOMEM" : undefined;
}

/** `check_prep_vma`: may this be done with the area that holds the start? */
function refuseArea(area: Area, call: MremapCall): Errno | undefined {
  const isGrowing = call.newBytes > call.oldBytes;
  if (!isGrowing && !choosesAddress(call)) return undefined;
  if (call.oldBytes === 0 && (area.flags & VM_MAYSHARE) === 0) return "EINVAL";
  const isFixedSize = (area.flags & (VM_DONTEXPAND | VM_PFNMAP)) !== 0;
  if ((call.flags & MREMAP_DONTUNMAP) !== 0 && isFixedSize) return "EINVAL";
  // What a shrink cuts off may lie in other areas; what is moved may not.
  if (Math.min(call.oldBytes, call.newBytes) > area.end - call.start) return "EFAULT";
  return isGrowing && isFixedSize ? "EFAULT" : undefined;
}

/** `remap_move` */
function moveEach(areas: readonly Area[], layout: AddressLayout, call: MremapCall): Outcome {
  const end = call.start + call.oldBytes;
  const met = areasIn(areas, call.start, end);
  if (met.length === 0 || met[0].start > call.start) return fail("EFAULT");
  const changes: AreaChange[] = [];
  let current = areas;
  for (const area of met) {
    const { start, end: until } = sliceArea(area, call.start, end);
    const step = { ...call, start, oldBytes: until - start, newBytes: until - start, to: start - call.start + call.to };
    const refusal = refuseArea(area, step);
    if (refusal !== undefined) return fail(refusal, changes);
    const moved = moveTo(current, layout, step);
    changes.push(...moved.changes);
    if (moved.errno !== undefined) return fail(moved.errno, changes);
    current = moved.changes.reduce(applyAreaChange, current);
  }
  return succeed(call.to, changes);
}

/** `mremap_to`: what stands at the target goes, what is too long is cut off, the rest is moved. */
function moveTo(areas: readonly Area[], layout: AddressLayout, call: MremapCall): Outcome {
  const changes: AreaChange[] = [];
  let current = areas;
  const unmap = (start: number, byteCount: number): Errno | undefined => {
    const outcome = munmap(current, layout, { start, byteCount });
    for (const change of outcome.changes) current = applyAreaChange(current, change);
    changes.push(...outcome.changes);
    return outcome.errno;
  };

  if ((call.flags & MREMAP_FIXED) !== 0) {
    const errno = unmap(call.to, call.newBytes);
    if (errno !== undefined) return fail(errno, changes);
  }
  if (call.newBytes < call.oldBytes) {
    const errno = unmap(call.start + call.newBytes, call.oldBytes - call.newBytes);
    if (errno !== undefined) return fail(errno, changes);
  }
  const moved = move(current, layout, { ...call, oldBytes: Math.min(call.oldBytes, call.newBytes) });
  return { ...moved, changes: [...changes, ...moved.changes] };
}

function shrinkInPlace(areas: readonly Area[], layout: AddressLayout, call: MremapCall): Outcome {
  const outcome = munmap(areas, layout, { start: call.start + call.newBytes, byteCount: call.oldBytes - call.newBytes });
  return outcome.errno === undefined ? succeed(call.start, outcome.changes) : outcome;
}

/** `expand_vma`: in place if the range ends with its area and there is room, else elsewhere. */
function grow(areas: readonly Area[], layout: AddressLayout, area: Area, call: MremapCall): Outcome {
  const end = call.start + call.newBytes;
  const above = findVma(areas, area.end);
  const isRoom = end <= layout.taskSize && (above === undefined || above.start >= end);
  if (call.start + call.oldBytes === area.end && isRoom) {
    return succeed(call.start, [{ kind: "area-grown", start: area.end, end, direction: "up" }]);
  }
  return (call.flags & MREMAP_MAYMOVE) === 0 ? fail("ENOMEM") : move(areas, layout, call);
}

/** `vrm_set_new_addr` and `move_vma` */
function move(areas: readonly Area[], layout: AddressLayout, call: MremapCall): Outcome {
  const area = areaAt(areas, call.start);
  if (area === undefined) return fail("EFAULT");
  const to = findUnmappedArea(areas, layout, {
    address: choosesAddress(call) ? call.to : 0,
    byteCount: call.newBytes,
    flags: (call.flags & MREMAP_FIXED) === 0 ? 0 : MAP_FIXED,
    backing: isAnonymous(area) ? "anonymous" : "object",
  });
  if (typeof to !== "number") return fail(to);
  if (areas.length >= layout.mapCountLimit - 3) return fail("ENOMEM");
  if (isSpecialMapping(area) && (area.start < call.start || area.end > call.start + call.oldBytes)) return fail("EINVAL");
  if (call.oldBytes === 0) return succeed(to, [{ kind: "area-mapped", area: duplicate(area, call, to) }]);

  const source = (call.flags & MREMAP_DONTUNMAP) === 0 ? "unmapped" : "kept";
  const moved: AreaChange = {
    kind: "area-moved",
    from: call.start,
    to,
    byteCount: call.oldBytes,
    newByteCount: call.newBytes,
    source,
  };
  return succeed(to, [moved]);
}

/** An old size of 0 maps the same object once more. */
function duplicate(area: Area, call: MremapCall, to: number): Area {
  const offset = area.offset + (call.start - area.start);
  return { ...area, start: to, end: to + call.newBytes, offset, flags: area.flags | VM_SOFTDIRTY };
}
