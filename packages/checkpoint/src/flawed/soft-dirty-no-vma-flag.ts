// The strategy `soft-dirty-no-vma-flag`: soft-dirty bits of entries, as Linux had them before areas had one.

import type { Strategy } from "../strategy.ts";
import { isSoftDirty, softDirtyBits } from "../trackers/soft-dirty.ts";
import { trackingStrategy } from "../trackers/tracking-strategy.ts";

/**
 * A page of a new area in the place of an old one was never stored to through its entry, so it passes for the old area's page
 * (Linux d9104d1ca966 gave areas VM_SOFTDIRTY for this).
 */
export const softDirtyNoVmaFlag: Strategy = trackingStrategy({
  name: "soft-dirty-no-vma-flag",
  claim: "flawed",
  summary: "soft-dirty without VM_SOFTDIRTY: a page mapped where another was passes for it",
  track: () => ({
    ...softDirtyBits,
    look: (tracked) => (page) => {
      const isShared = page.isCached && (page.isDirty || page.isOthers);
      return isShared || page.isPending || isSoftDirty(tracked, page.vaddr) ? "changed" : "unchanged";
    },
  }),
});
