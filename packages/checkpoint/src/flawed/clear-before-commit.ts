// The strategy `clear-before-commit`: `dirty-bit` but for the order, marks first and file second.

import { flagsOf, frameFlags } from "@pagelapse/mmu";
import { dirtyBit, dirtyBits } from "../dirty-bit/dirty-bit.ts";
import { ImageCheckpointer } from "../dirty-bit/image-checkpointer.ts";
import { takeDirtyBits } from "../dirty-bit/page-list.ts";
import type { Strategy } from "../strategy.ts";
import { visitPages } from "../visit-pages.ts";

/**
 * What changed is forgotten before the file stands there. When the disk is full, nobody knows any more that those pages
 * changed, and the next image leaves them to a parent that has the old ones (Firecracker issue 4545).
 */
export const clearBeforeCommit: Strategy = {
  name: "clear-before-commit",
  claim: "flawed",
  summary: "dirty-bit that forgets its marks before the file is durable: a failed checkpoint loses pages",
  start: () =>
    new ImageCheckpointer({
      strategy: "clear-before-commit",
      tracker: {
        look: dirtyBits.look,
        clear(tracked) {
          takeDirtyBits(tracked);
          visitPages(tracked, (_, pfn) => {
            if ((flagsOf(tracked.memory, pfn) & frameFlags.pending) !== 0) tracked.dropPending(pfn);
          });
        },
      },
      changes: "marked in frames",
    }),
  rebuild: (architecture) => dirtyBit.rebuild(architecture),
};
