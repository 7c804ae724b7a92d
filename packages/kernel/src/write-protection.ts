// Userfaultfd's write protection: a page's next store is noticed, page by page.

import { frameBytes, isSwapPte, writeEntry } from "@pagelapse/mmu";
import { areasIn } from "@pagelapse/vma";
import { changeEntries } from "./area-effects.ts";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { splitRange } from "./large-pages.ts";

/**
 * UFFDIO_WRITEPROTECT over the pages of a range that are there: `on` marks them and takes W away, `off` takes the mark away,
 * and the next store asks for W. A store to a marked page takes the mark away, as with UFFD_FEATURE_WP_ASYNC; so what is
 * unmarked was written. Pages that are not there are not marked. EINVAL where entries have no such bit (i386, sv39), and for a
 * range that is empty, no whole pages, or not the program's; ENOENT: no area is there.
 */
export function protectWrites(core: Core, start: number, byteCount: number, mode: "on" | "off"): Result {
  const { bits, swap, taskSize } = core.architecture;
  const end = start + byteCount;
  const isUnaligned = (start & (frameBytes - 1)) !== 0 || (byteCount & (frameBytes - 1)) !== 0;
  if (bits.uffdWp === 0 || isUnaligned || start < 0 || byteCount <= 0 || end > taskSize)
    return { kind: "failed", errno: "EINVAL" };
  if (areasIn(core.task.areas, start, end).length === 0) return { kind: "failed", errno: "ENOENT" };
  splitRange(core, start, end);
  changeEntries(core, start, end, (vaddr, paddr, entry) => {
    const isSwapped = isSwapPte(bits, entry);
    const mark = isSwapped ? swap.uffdWp : bits.uffdWp;
    const marked = mode === "off" ? entry.low & ~mark : isSwapped ? entry.low | mark : (entry.low | mark) & ~bits.write;
    if (marked >>> 0 === entry.low) return "unused";
    writeEntry(core, "writes-protected", vaddr, paddr, { low: marked >>> 0, high: entry.high });
    return isSwapped ? "unused" : "changed";
  });
  return { kind: "done", value: 0 };
}
