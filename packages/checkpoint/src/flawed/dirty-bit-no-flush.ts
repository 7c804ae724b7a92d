// The strategy `dirty-bit-no-flush`: `dirty-bit` but for the flush, as the lab report clears D.

import { dirtyBit, dirtyBits } from "../dirty-bit/dirty-bit.ts";
import { ImageCheckpointer } from "../dirty-bit/image-checkpointer.ts";
import type { Strategy } from "../strategy.ts";

/**
 * A processor that has D cached does not set it again (Intel SDM volume 3, 4.8): the next store to the page is lost, unless
 * the TLB happens to have forgotten the page. So the loss comes and goes with the size of the TLB.
 */
export const dirtyBitNoFlush: Strategy = {
  name: "dirty-bit-no-flush",
  claim: "flawed",
  summary: "dirty-bit without the flush: a store through a TLB that has D cached is lost",
  start() {
    const images = new ImageCheckpointer({ strategy: "dirty-bit-no-flush", tracker: dirtyBits, changes: "marked in frames" });
    return {
      take(tracked) {
        const steps = images.steps(tracked);
        steps.collect();
        steps.clear();
        steps.copy();
        return steps.commitUnchanged();
      },
    };
  },
  rebuild: (architecture) => dirtyBit.rebuild(architecture),
};
