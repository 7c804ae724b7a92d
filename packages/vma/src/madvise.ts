// madvise(2): Linux's `do_madvise`, as far as it is a matter of areas.

import { isPageAligned, pageAlign } from "./address-layout.ts";
import type { AddressLayout } from "./address-layout.ts";
import { areasIn, isAnonymous } from "./area.ts";
import type { Area } from "./area.ts";
import { applyAreaChange } from "./area-change.ts";
import type { AreaChange } from "./area-change.ts";
import { fail, succeed } from "./outcome.ts";
import type { Errno, Outcome } from "./outcome.ts";
import { isSpecialMapping } from "./special-mapping.ts";
import {
  MADV_COLD,
  MADV_DODUMP,
  MADV_DOFORK,
  MADV_DONTDUMP,
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_FREE,
  MADV_HUGEPAGE,
  MADV_KEEPONFORK,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_PAGEOUT,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MADV_WIPEONFORK,
} from "./system-call-flags.ts";
import {
  VM_DONTCOPY,
  VM_DONTDUMP,
  VM_HUGEPAGE,
  VM_LOCKED,
  VM_NOHUGEPAGE,
  VM_PFNMAP,
  VM_RAND_READ,
  VM_SEQ_READ,
  VM_SHARED,
  VM_SPECIAL,
  VM_WIPEONFORK,
} from "./vm-flags.ts";

/** The arguments of madvise(2). */
export interface MadviseCall {
  readonly start: number;
  readonly byteCount: number;
  /** MADV_* */
  readonly advice: number;
}

/** What an advice does to one area: flags set and cleared, pages dropped, or nothing that an area shows. */
type Advice =
  | { readonly does: "flags"; readonly set: number; readonly clear: number; readonly refuses: (area: Area) => boolean }
  | { readonly does: "pages"; readonly kind: "area-discarded" | "area-freed"; readonly refuses: (area: Area) => boolean }
  | { readonly does: "nothing"; readonly refuses: (area: Area) => boolean };

/** MADV_* that are known. */
const advices: ReadonlyMap<number, Advice> = new Map([
  [MADV_NORMAL, flagAdvice(0, VM_RAND_READ | VM_SEQ_READ)],
  [MADV_RANDOM, flagAdvice(VM_RAND_READ, VM_SEQ_READ)],
  [MADV_SEQUENTIAL, flagAdvice(VM_SEQ_READ, VM_RAND_READ)],
  [MADV_DONTFORK, flagAdvice(VM_DONTCOPY, 0)],
  [MADV_DOFORK, flagAdvice(0, VM_DONTCOPY, hasFlags(VM_SPECIAL))],
  [MADV_DONTDUMP, flagAdvice(VM_DONTDUMP, 0)],
  [MADV_DODUMP, flagAdvice(0, VM_DONTDUMP, hasFlags(VM_SPECIAL))],
  [MADV_WIPEONFORK, flagAdvice(VM_WIPEONFORK, 0, (area) => area.file !== undefined || (area.flags & VM_SHARED) !== 0)],
  [MADV_KEEPONFORK, flagAdvice(0, VM_WIPEONFORK)],
  [MADV_HUGEPAGE, flagAdvice(VM_HUGEPAGE, VM_NOHUGEPAGE, hasFlags(VM_SPECIAL))],
  [MADV_NOHUGEPAGE, flagAdvice(VM_NOHUGEPAGE, VM_HUGEPAGE)],
  [MADV_DONTNEED, { does: "pages", kind: "area-discarded", refuses: hasFlags(VM_LOCKED | VM_PFNMAP) }],
  [
    MADV_FREE,
    { does: "pages", kind: "area-freed", refuses: (area) => hasFlags(VM_LOCKED | VM_PFNMAP)(area) || !isAnonymous(area) },
  ],
  [MADV_WILLNEED, { does: "nothing", refuses: () => false }],
  [MADV_COLD, { does: "nothing", refuses: hasFlags(VM_LOCKED | VM_PFNMAP) }],
  [MADV_PAGEOUT, { does: "nothing", refuses: hasFlags(VM_LOCKED | VM_PFNMAP) }],
]);

/**
 * Takes advice about pages. A hole gives ENOMEM in the end, but the areas on both sides are done; a refusal stops there. Advice
 * that reaches past areas (MADV_REMOVE, MADV_COLLAPSE, ...) is EINVAL, as from a kernel built without it.
 */
export function madvise(areas: readonly Area[], layout: AddressLayout, call: MadviseCall): Outcome {
  const advice = advices.get(call.advice);
  const end = call.start + pageAlign(layout, call.byteCount);
  if (advice === undefined || !isPageAligned(layout, call.start) || end >= 2 ** 64) return fail("EINVAL");
  if (call.byteCount === 0) return succeed(0);

  const changes: AreaChange[] = [];
  let current = areas;
  let next = call.start;
  let hole: Errno | undefined;
  for (const area of areasIn(areas, call.start, end)) {
    if (area.start > next) hole = "ENOMEM";
    const start = Math.max(area.start, next);
    next = Math.min(area.end, end);
    if (advice.refuses(area)) return fail("EINVAL", changes);
    const change = adviseArea(area, start, next, advice);
    if (change === undefined) continue;
    if (change.kind === "area-advised" && isSpecialMapping(area) && (start > area.start || next < area.end))
      return fail("EINVAL", changes);
    const changed = applyAreaChange(current, change);
    if (changed.length > Math.max(current.length, layout.mapCountLimit)) return fail("EAGAIN", changes);
    changes.push(change);
    current = changed;
  }
  if (next < end) hole = "ENOMEM";
  return hole === undefined ? succeed(0, changes) : fail(hole, changes);
}

/** The change that the advice means for one area; `undefined` if none. */
function adviseArea(area: Area, start: number, end: number, advice: Advice): AreaChange | undefined {
  if (advice.does === "nothing") return undefined;
  if (advice.does === "pages") return { kind: advice.kind, start, end };
  const flags = (area.flags & ~advice.clear) | advice.set;
  return flags === area.flags ? undefined : { kind: "area-advised", start, end, flags };
}

function flagAdvice(set: number, clear: number, refuses: (area: Area) => boolean = () => false): Advice {
  return { does: "flags", set, clear, refuses };
}

function hasFlags(flags: number): (area: Area) => boolean {
  return (area) => (area.flags & flags) !== 0;
}
