// Soft-dirty bits cleared: writing 4 to /proc/PID/clear_refs.

import { frameBehind, framesBehind, isSwapPte, pteWrite, visitEntries, writeEntry } from "@pagelapse/mmu";
import type { Entry, Level } from "@pagelapse/mmu";
import { VM_SHARED, VM_SOFTDIRTY } from "@pagelapse/vma";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { flushSpace } from "./flush.ts";
import { pinsOf } from "./pins-of.ts";

/**
 * Linux's `clear_refs_write` with CLEAR_REFS_SOFT_DIRTY: areas lose VM_SOFTDIRTY, entries soft-dirty and W, so that the next
 * store faults and sets it; then the TLB is flushed, whether or not anything was cleared: another may have cleared it, and not
 * have flushed yet. A large page is cleared whole. EINVAL where entries have no such bit
 * (i386, sv39).
 */
export function clearSoftDirty(core: Core): Result {
  const { bits, swap } = core.architecture;
  if (bits.softDirty === 0) return { kind: "failed", errno: "EINVAL" };
  for (const { start, end, flags } of core.task.areas) {
    if ((flags & VM_SOFTDIRTY) !== 0) core.happen({ kind: "area-advised", start, end, flags: flags & ~VM_SOFTDIRTY });
  }
  for (const { start, end, flags } of core.task.areas) {
    const isPrivate = (flags & VM_SHARED) === 0;
    visitEntries(core.ram, core.architecture, core.task.root, start, end, (vaddr, paddr, entry, level) => {
      if (isPrivate && isPinned(core, vaddr, entry, level)) return;
      const cleared = (entry.low & ~(isSwapPte(bits, entry) ? swap.softDirty : bits.softDirty | bits.write)) >>> 0;
      if (cleared !== entry.low) writeEntry(core, "soft-dirty-cleared", vaddr, paddr, { low: cleared, high: entry.high });
    });
  }
  flushSpace(core);
  return { kind: "done", value: 0 };
}

/**
 * Linux's `pte_is_pinned`: what a device may write to, and the program too, stays as it is and counts as dirty, for no store of
 * the device would ever set it again. Kernels that copy a pinned page on the next store do not look (`sole-reference`).
 */
function isPinned(core: Core, vaddr: number, entry: Entry, level: Level): boolean {
  const { bits } = core.architecture;
  if (core.rules.reuse === "sole-reference" || !pteWrite(bits, entry)) return false;
  return pinsOf(core, frameBehind(bits, level, entry, vaddr), framesBehind(level)) > 0;
}
