// The strategy `soft-dirty-no-vma-flag`: soft-dirty bits of entries, as Linux had them before areas had one.

import { frameBehind, framesBehind, isSwapPte, pteSoftDirty, visitEntries } from "@pagelapse/mmu";
import type { ImageStrategy } from "../increment/image-strategy.ts";
import { processesOf } from "../tracked.ts";
import type { Tracked } from "../tracked.ts";
import { isSoftDirty, softDirtyBits } from "../trackers/soft-dirty.ts";
import { trackingStrategy } from "../trackers/tracking-strategy.ts";

/**
 * The bit goes with the entry. What was stored to shared memory through an area that is gone since is told by no entry, and the area that
 * was mapped in its place is not asked (Linux d9104d1ca966 gave areas VM_SOFTDIRTY for this).
 */
export const softDirtyNoVmaFlag: ImageStrategy = trackingStrategy({
  name: "soft-dirty-no-vma-flag",
  claim: "flawed",
  summary: "soft-dirty without VM_SOFTDIRTY: what was stored through an area that was mapped anew is lost",
  track: () => ({
    ...softDirtyBits,
    look(tracked) {
      const stored = softDirtyFrames(tracked);
      return ({ process, address, pfn, isPending }) => {
        const isStored = process === undefined ? stored.has(pfn) : isPending || isSoftDirty(process, address);
        return isStored ? "changed" : "unchanged";
      };
    },
  }),
});

/** The frames behind entries that are soft-dirty. */
function softDirtyFrames(tracked: Tracked): ReadonlySet<number> {
  const { architecture, memory } = tracked;
  const { bits } = architecture;
  const frames = new Set<number>();
  for (const { space } of processesOf(tracked)) {
    visitEntries(memory, architecture, space.root, 0, architecture.taskSize, (vaddr, _, entry, level) => {
      if (isSwapPte(bits, entry) || !pteSoftDirty(bits, entry)) return;
      const first = frameBehind(bits, level, entry, vaddr);
      for (let pfn = first; pfn < first + framesBehind(level); pfn++) frames.add(pfn);
    });
  }
  return frames;
}
