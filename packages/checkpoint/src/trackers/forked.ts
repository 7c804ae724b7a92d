// The strategy `forked`: the program goes on while a child of it, which never runs, is written out.

import { imageStrategy } from "../increment/image-strategy.ts";
import type { ImageStrategy } from "../increment/image-strategy.ts";
import { withDirtyBits } from "./dirty-bit.ts";

/**
 * The pause is the fork of each process and a copy of the shared memory that changed; the program pays for the rest with a fault and a
 * copied page for its first store to each private one (as CoW checkpointing does it in libckpt, and BGSAVE in Redis). Which pages changed is
 * told as by `dirty-bit`. The children have all memory, what MADV_DONTFORK keeps from others included.
 */
export const forked: ImageStrategy = imageStrategy({
  ...withDirtyBits,
  name: "forked",
  claim: "correct",
  summary: "dirty-bit that writes out a copy-on-write child while the program goes on",
  capture: "forked",
});
