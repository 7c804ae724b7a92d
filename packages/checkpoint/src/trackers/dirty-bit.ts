// The strategy `dirty-bit`: increments of the pages whose D was set, none of which a failure can lose.

import { imageStrategy } from "../increment/image-strategy.ts";
import type { ImageStrategy } from "../increment/image-strategy.ts";
import { takeDirtyBits } from "../increment/page-list.ts";
import { isUntouched } from "./page-tracker.ts";
import type { PageTracker } from "./page-tracker.ts";

/** D and the frames: what was taken stands in the marks of the frames, and is looked at with D. */
export const dirtyBits: PageTracker = {
  look: () => (page) => (isUntouched(page) ? "unchanged" : "changed"),
  clear: takeDirtyBits,
};

/** What all have in common that take D into the marks of frames. */
export const withDirtyBits = {
  track: (): PageTracker => dirtyBits,
  changes: "marked in frames",
  capture: "in place",
  flush: "done",
  steps: "apart",
  parts: {},
} as const;

/**
 * D, the mark `pending` of a frame and its allocation say which pages the parent does not have; D is taken out of every entry
 * into the marks, the TLBs are flushed, and only then are pages copied, into an image that appears whole or not at all. When it
 * is committed the marks are dropped. When it is not, nothing is done, and the next image holds those pages again.
 */
export const dirtyBit: ImageStrategy = imageStrategy({
  ...withDirtyBits,
  name: "dirty-bit",
  claim: "correct",
  summary: "pages whose D was set: taken, flushed, then copied; kept until the image is durable",
});
