// The strategy `clear-before-commit`: `dirty-bit` but for the order, marks first and image second.

import { flagsOf, frameFlags } from "@pagelapse/mmu";
import { imageStrategy } from "../increment/image-strategy.ts";
import type { ImageStrategy } from "../increment/image-strategy.ts";
import { takeDirtyBits } from "../increment/page-list.ts";
import { processesOf } from "../tracked.ts";
import { dirtyBits, withDirtyBits } from "../trackers/dirty-bit.ts";
import { visitPages } from "../visit-pages.ts";

/**
 * What changed is forgotten before the image stands there. When the disk is full, nobody knows any more that those pages
 * changed, and the next image leaves them to a parent that has the old ones (Firecracker issue 4545).
 */
export const clearBeforeCommit: ImageStrategy = imageStrategy({
  ...withDirtyBits,
  name: "clear-before-commit",
  claim: "flawed",
  summary: "dirty-bit that forgets its marks before the image is durable: a failed checkpoint loses pages",
  track: () => ({
    look: dirtyBits.look,
    clear(tracked) {
      takeDirtyBits(tracked);
      for (const process of processesOf(tracked)) {
        visitPages(process, (_, pfn) => {
          if ((flagsOf(tracked.memory, pfn) & frameFlags.pending) !== 0) tracked.dropPending(pfn);
        });
      }
    },
  }),
});
