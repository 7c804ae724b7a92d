// The strategy `dirty-bit-by-address`: `dirty-bit` that knows a page by its address, whatever frame it lies in.

import { imageStrategy } from "../increment/image-strategy.ts";
import type { ImageStrategy } from "../increment/image-strategy.ts";
import { takeDirtyBits } from "../increment/page-list.ts";
import { withDirtyBits } from "../trackers/dirty-bit.ts";

/**
 * D goes with the frame. A page that was stored to, swapped out and read back lies in a new frame without D or a mark, and nothing but
 * the frame says that it is not the page that the parent has.
 */
export const dirtyBitByAddress: ImageStrategy = imageStrategy({
  ...withDirtyBits,
  name: "dirty-bit-by-address",
  claim: "flawed",
  summary: "dirty-bit that does not ask for the frame: a page swapped out and read back is lost",
  track: () => ({
    look: () => (page) => (page.isDirty || page.isPending || page.isOthers ? "changed" : "unchanged"),
    clear: takeDirtyBits,
  }),
});
