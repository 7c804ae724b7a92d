// Soft-dirty bits cleared: writing 4 to /proc/PID/clear_refs.

import { isSwapPte, writeEntry } from "@pagelapse/mmu";
import { VM_SOFTDIRTY } from "@pagelapse/vma";
import { changeEntries } from "./area-effects.ts";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";

/**
 * Linux's `clear_refs_write` with CLEAR_REFS_SOFT_DIRTY: areas lose VM_SOFTDIRTY, entries soft-dirty and W, so that the next
 * store faults and sets it; then the TLB is flushed. EINVAL where entries have no such bit (i386, sv39).
 */
export function clearSoftDirty(core: Core): Result {
  const { bits, swap } = core.architecture;
  if (bits.softDirty === 0) return { kind: "failed", errno: "EINVAL" };
  for (const { start, end, flags } of core.task.areas) {
    if ((flags & VM_SOFTDIRTY) !== 0) core.happen({ kind: "area-advised", start, end, flags: flags & ~VM_SOFTDIRTY });
  }
  for (const { start, end } of core.task.areas) {
    changeEntries(core, start, end, (vaddr, paddr, entry) => {
      const isSwapped = isSwapPte(bits, entry);
      const cleared = (entry.low & ~(isSwapped ? swap.softDirty : bits.softDirty | bits.write)) >>> 0;
      if (cleared === entry.low) return "unused";
      writeEntry(core, "soft-dirty-cleared", vaddr, paddr, { low: cleared, high: entry.high });
      return isSwapped ? "unused" : "changed";
    });
  }
  return { kind: "done", value: 0 };
}
