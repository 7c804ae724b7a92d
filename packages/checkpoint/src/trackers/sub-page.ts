// The strategy `sub-page`: of a page that changed, the lines that did.

import { imageStrategy } from "../increment/image-strategy.ts";
import type { ImageStrategy } from "../increment/image-strategy.ts";
import { withDirtyBits } from "./dirty-bit.ts";

/**
 * A store of eight bytes dirties a page of 4096. Pages that changed, which `dirty-bit` tells, are compared with the parent's bytes, kept in
 * memory; the image has those lines of 64 bytes that differ, and is read over the parent's page.
 */
export const subPage: ImageStrategy = imageStrategy({
  ...withDirtyBits,
  name: "sub-page",
  claim: "correct",
  summary: "dirty-bit that saves those lines of 64 bytes that differ from the parent's page",
  parts: { pages: "lines" },
});
