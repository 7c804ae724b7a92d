// The strategy `residency`: what is not in a frame is taken for empty, as by those who ask mincore(2).

import { findLeaf, isSwapPte } from "@pagelapse/mmu";
import { imageStrategy } from "../increment/image-strategy.ts";
import type { ImageStrategy } from "../increment/image-strategy.ts";
import { dirtyBits, withDirtyBits } from "../trackers/dirty-bit.ts";

/** A page that was swapped out is not resident, and it is not zero either. */
export const residency: ImageStrategy = imageStrategy({
  ...withDirtyBits,
  name: "residency",
  claim: "flawed",
  summary: "dirty-bit that takes pages that are not resident for empty: what is swapped out is lost",
  track: () => ({
    look(tracked) {
      const { architecture, memory } = tracked;
      const judge = dirtyBits.look(tracked);
      return (page) => {
        const leaf = page.process && findLeaf(memory, architecture, page.process.space.root, page.address);
        return leaf !== undefined && isSwapPte(architecture.bits, leaf.entry) ? "left out" : judge(page);
      };
    },
    clear: dirtyBits.clear,
  }),
});
