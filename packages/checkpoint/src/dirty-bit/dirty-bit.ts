// The strategy `dirty-bit`: increments of the pages whose D was set, none of which a failure can lose.

import type { Strategy } from "../strategy.ts";
import { isUntouched } from "../trackers/page-tracker.ts";
import type { PageTracker } from "../trackers/page-tracker.ts";
import { ImageChain } from "./image-chain.ts";
import { ImageCheckpointer } from "./image-checkpointer.ts";
import { takeDirtyBits } from "./page-list.ts";

/** D and the frames: what was taken stands in the marks of the frames, and is looked at with D. */
export const dirtyBits: PageTracker = {
  look: () => (page) => (isUntouched(page) ? "unchanged" : "changed"),
  clear: takeDirtyBits,
};

/**
 * D, the mark `pending` of a frame and its allocation say which pages the parent does not have; D is taken out of every entry
 * into the marks, the TLB is flushed, and only then are pages copied, into a file that appears whole or not at all. When it
 * is committed the marks are dropped. When it is not, nothing is done, and the next image holds those pages again.
 */
export const dirtyBit: Strategy = {
  name: "dirty-bit",
  claim: "correct",
  summary: "pages whose D was set: taken, flushed, then copied; kept until the file is durable",
  start: () => new ImageCheckpointer({ strategy: "dirty-bit", tracker: dirtyBits, changes: "marked in frames" }),
  rebuild: (architecture) => new ImageChain(architecture),
};
