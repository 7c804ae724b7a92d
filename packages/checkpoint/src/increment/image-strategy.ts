// A strategy that makes images: everything but the question which pages changed is the same for all.

import type { Strategy } from "../strategy.ts";
import type { PageTracker } from "../trackers/page-tracker.ts";
import { ImageRebuild } from "./image-rebuild.ts";
import { ImageCheckpointer } from "./image-checkpointer.ts";
import type { ImageOptions } from "./image-checkpointer.ts";
import { plainParts } from "./image-parts.ts";
import type { ImageParts } from "./image-parts.ts";

/** How a strategy that makes images is named and made. */
export interface ImageStrategyOptions
  extends Pick<Strategy, "name" | "claim" | "summary">, Omit<ImageOptions, "strategy" | "tracker" | "parts"> {
  /** Makes the tracker of one process tree. */
  readonly track: () => PageTracker;
  /** Whether the world may act between the steps of a checkpoint; else all of it is taken at once. */
  readonly steps: "apart" | "together";
  /** What it has beside or instead of the plain parts. */
  readonly parts: Partial<ImageParts>;
}

/** A strategy to which parts can be added. */
export interface ImageStrategy extends Strategy {
  /** The strategy with other parts, whose name has the suffix. `undefined` where both say how pages are put down. */
  withParts(suffix: string, parts: Partial<ImageParts>): ImageStrategy | undefined;
}

/** The strategy; `withParts` gives it with other parts. */
export function imageStrategy(options: ImageStrategyOptions): ImageStrategy {
  const { name, claim, summary, track, capture, changes, flush, steps } = options;
  const parts = { ...plainParts, ...options.parts };
  return {
    name,
    claim,
    summary,
    start() {
      const checkpointer = new ImageCheckpointer({ strategy: name, tracker: track(), parts, capture, changes, flush });
      return steps === "apart" ? checkpointer : { take: (tracked) => checkpointer.take(tracked) };
    },
    rebuild: (architecture) => new ImageRebuild(architecture, parts),
    withParts(suffix, others) {
      if (others.pages !== undefined && parts.pages !== "raw") return undefined;
      return imageStrategy({ ...options, name: `${name}+${suffix}`, parts: { ...parts, ...others } });
    },
  };
}
