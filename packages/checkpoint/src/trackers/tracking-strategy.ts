// A strategy made of a tracker: everything but the question which pages changed is the same for all.

import { imageStrategy } from "../increment/image-strategy.ts";
import type { ImageStrategy } from "../increment/image-strategy.ts";
import type { Strategy } from "../strategy.ts";
import type { PageTracker } from "./page-tracker.ts";

/** How a tracker is named and made. */
export interface TrackingOptions extends Pick<Strategy, "name" | "claim" | "summary"> {
  /** Makes the tracker of one process tree. */
  readonly track: () => PageTracker;
  /**
   * `apart`: what the tracker tells is right also if the world acts between its look and the copy of the pages. One that compares bytes
   * must have all at once, for the image may then have others than it saw: `together`, unless given.
   */
  readonly steps?: "apart" | "together";
}

/** Takes images of the pages that the tracker finds changed; what it told is remembered until an image is committed. */
export function trackingStrategy(options: TrackingOptions): ImageStrategy {
  const { steps = "together" } = options;
  return imageStrategy({ ...options, steps, changes: "remembered here", capture: "in place", flush: "done", parts: {} });
}
