// The strategy `dirty-bit-no-flush`: `dirty-bit` but for the flush, as the lab report clears D.

import { imageStrategy } from "../increment/image-strategy.ts";
import type { ImageStrategy } from "../increment/image-strategy.ts";
import { withDirtyBits } from "../trackers/dirty-bit.ts";

/**
 * A processor that has D cached does not set it again (Intel SDM volume 3, 4.8): the next store to the page is lost, unless
 * the TLB happens to have forgotten the page. So the loss comes and goes with the size of the TLB.
 */
export const dirtyBitNoFlush: ImageStrategy = imageStrategy({
  ...withDirtyBits,
  name: "dirty-bit-no-flush",
  claim: "flawed",
  summary: "dirty-bit without the flush: a store through a TLB that has D cached is lost",
  flush: "omitted",
});
