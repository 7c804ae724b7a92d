// The strategy `residency`: what is not in a frame is taken for empty, as by those who ask mincore(2).

import { findLeaf, isSwapPte } from "@pagelapse/mmu";
import { dirtyBit, dirtyBits } from "../dirty-bit/dirty-bit.ts";
import { ImageCheckpointer } from "../dirty-bit/image-checkpointer.ts";
import type { Strategy } from "../strategy.ts";

/** A page that was swapped out is not resident, and it is not zero either. */
export const residency: Strategy = {
  name: "residency",
  claim: "flawed",
  summary: "dirty-bit that takes pages that are not resident for empty: what is swapped out is lost",
  start: () =>
    new ImageCheckpointer({
      strategy: "residency",
      tracker: {
        look(tracked) {
          const { architecture, memory, space } = tracked;
          const judge = dirtyBits.look(tracked);
          return (page) => {
            const leaf = findLeaf(memory, architecture, space.root, page.vaddr);
            return leaf !== undefined && isSwapPte(architecture.bits, leaf.entry) ? "left out" : judge(page);
          };
        },
        clear: dirtyBits.clear,
      },
      changes: "marked in frames",
    }),
  rebuild: (architecture) => dirtyBit.rebuild(architecture),
};
