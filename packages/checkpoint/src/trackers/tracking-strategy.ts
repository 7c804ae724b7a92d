// A strategy made of a tracker: everything but the question which pages changed is the same for all.

import { ImageChain } from "../dirty-bit/image-chain.ts";
import { ImageCheckpointer } from "../dirty-bit/image-checkpointer.ts";
import type { Strategy } from "../strategy.ts";
import type { PageTracker } from "./page-tracker.ts";

/** How a tracker is named and made. */
export interface TrackingOptions extends Pick<Strategy, "name" | "claim" | "summary"> {
  /** Makes the tracker of one process. */
  readonly track: () => PageTracker;
}

/** Takes images of the pages that the tracker finds changed, with the program stopped throughout. */
export function trackingStrategy({ name, claim, summary, track }: TrackingOptions): Strategy {
  return {
    name,
    claim,
    summary,
    start() {
      const checkpointer = new ImageCheckpointer({ strategy: name, tracker: track(), changes: "remembered here" });
      return { take: (tracked) => checkpointer.take(tracked) };
    },
    rebuild: (architecture) => new ImageChain(architecture),
  };
}
