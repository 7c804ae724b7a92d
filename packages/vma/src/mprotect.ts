// mprotect(2): Linux's `do_mprotect_pkey` and `mprotect_fixup`.

import { isPageAligned, pageAlign } from "./address-layout.ts";
import type { AddressLayout } from "./address-layout.ts";
import { findVma, findVmaIndex, isAnonymous } from "./area.ts";
import type { Area } from "./area.ts";
import { applyAreaChange } from "./area-change.ts";
import type { AreaChange } from "./area-change.ts";
import { fail, succeed } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import { isSpecialMapping } from "./special-mapping.ts";
import { PROT_EXEC, PROT_GROWSDOWN, PROT_GROWSUP, PROT_READ, PROT_SEM, PROT_WRITE, protFlags } from "./system-call-flags.ts";
import { VM_ACCESS_FLAGS, VM_ACCOUNT, VM_GROWSDOWN, VM_NORESERVE, VM_SHARED, VM_WRITE } from "./vm-flags.ts";

/** The arguments of mprotect(2). */
export interface MprotectCall {
  readonly start: number;
  readonly byteCount: number;
  /** PROT_* */
  readonly prot: number;
}

/** Changes what may be done with the pages, area by area: at a hole or a refusal it stops, and what lies before is changed. */
export function mprotect(areas: readonly Area[], layout: AddressLayout, call: MprotectCall): Outcome {
  const grows = call.prot & (PROT_GROWSDOWN | PROT_GROWSUP);
  const prot = call.prot & ~(PROT_GROWSDOWN | PROT_GROWSUP);
  if (grows === (PROT_GROWSDOWN | PROT_GROWSUP) || !isPageAligned(layout, call.start)) return fail("EINVAL");
  if (call.byteCount === 0) return succeed(0);
  const end = call.start + pageAlign(layout, call.byteCount);
  if (end >= 2 ** 64) return fail("ENOMEM");
  if ((prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM)) !== 0) return fail("EINVAL");

  const first = findVma(areas, call.start);
  if (first === undefined || first.start >= end) return fail("ENOMEM");
  if (grows === PROT_GROWSDOWN && (first.flags & VM_GROWSDOWN) === 0) return fail("EINVAL");
  const start = grows === PROT_GROWSDOWN ? first.start : call.start;
  if (first.start > start) return fail("ENOMEM");
  if (grows === PROT_GROWSUP) return fail("EINVAL");
  return protectEach(areas, layout, start, end, protFlags(prot));
}

function protectEach(areas: readonly Area[], layout: AddressLayout, start: number, end: number, access: number): Outcome {
  const changes: AreaChange[] = [];
  let current = areas;
  let next = start;
  for (let i = findVmaIndex(areas, start); next < end; i++) {
    const area = areas[i];
    if (area === undefined || area.start > next) return fail("ENOMEM", changes);
    const flags = protectedFlags(area, access);
    // VM_MAYREAD and its kin stand four bits above what they allow.
    if ((flags & ~(flags >> 4) & VM_ACCESS_FLAGS) !== 0) return fail("EACCES", changes);
    const until = Math.min(area.end, end);
    if (flags !== area.flags) {
      if (isSpecialMapping(area) && (area.start < next || area.end > until)) return fail("EINVAL", changes);
      const change: AreaChange = { kind: "area-protected", start: next, end: until, flags };
      const changed = applyAreaChange(current, change);
      if (changed.length > Math.max(current.length, layout.mapCountLimit)) return fail("ENOMEM", changes);
      changes.push(change);
      current = changed;
    }
    next = until;
  }
  return succeed(0, changes);
}

/**
 * Private memory that becomes writable is promised; anonymous memory that is so no more, and never got a page, no longer is. Where
 * the access stays, so does all.
 */
function protectedFlags(area: Area, access: number): number {
  if ((area.flags & VM_ACCESS_FLAGS) === access) return area.flags;
  const flags = (area.flags & ~VM_ACCESS_FLAGS) | access;
  if ((access & VM_WRITE) !== 0) {
    return (area.flags & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE)) === 0 ? flags | VM_ACCOUNT : flags;
  }
  return (area.flags & VM_ACCOUNT) !== 0 && isAnonymous(area) && area.anonVma === undefined ? flags & ~VM_ACCOUNT : flags;
}
