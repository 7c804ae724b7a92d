// Takes images one after another, each of the pages that a tracker says changed.

import { isFailure, lstat, readdir } from "@pagelapse/vfs";
import type { Failure, Vfs } from "@pagelapse/vfs";
import type { CheckpointResult, Checkpointer } from "../strategy.ts";
import type { Tracked } from "../tracked.ts";
import type { PageTracker } from "../trackers/page-tracker.ts";
import { DirtyBitSteps } from "./dirty-bit-steps.ts";
import type { Parent } from "./dirty-bit-steps.ts";
import { imageFileName, sequenceOf } from "./image.ts";

/** What images are taken by. */
export interface ImageOptions {
  /** The strategy's name. */
  readonly strategy: string;
  readonly tracker: PageTracker;
  /** Where it stands that a page changed, until an image that holds it is committed: in its frame's mark, or here. */
  readonly changes: "marked in frames" | "remembered here";
}

/** A chain of images of one process. */
export class ImageCheckpointer implements Checkpointer {
  readonly #options: ImageOptions;
  #parent: Parent | undefined;
  /** Counts up after failures too, so that no two images ever share a name. */
  #nextSequence = 0;

  constructor(options: ImageOptions) {
    this.#options = options;
  }

  take(tracked: Tracked): CheckpointResult {
    const steps = this.steps(tracked);
    steps.collect();
    steps.clear();
    tracked.flush();
    steps.copy();
    return steps.commitUnchanged();
  }

  steps(tracked: Tracked): DirtyBitSteps {
    const { strategy, tracker, changes } = this.#options;
    const free = this.#freeSequence(tracked);
    const sequence = isFailure(free) ? this.#nextSequence : free;
    if (!isFailure(free)) this.#nextSequence = free + 1;
    const unreadable = isFailure(free) ? `the directory of checkpoints cannot be read: ${free.errno}` : undefined;
    return new DirtyBitSteps(tracked, {
      strategy,
      tracker,
      parent: this.#parent?.memory === tracked.memory ? this.#parent : undefined,
      sequence,
      trouble: tracker.refusal?.(tracked) ?? unreadable,
      collected: (unchanged) => {
        if (changes === "remembered here") this.#parent = unchanged;
      },
      committed: (parent) => (this.#parent = parent),
    });
  }

  /** The next sequence, if no image has it: at first, and where somebody else writes here too, one above all there are. */
  #freeSequence({ store, space }: Tracked): number | Failure {
    const next = this.#nextSequence;
    const standing = lstat(store, imageFileName(space.pid, next));
    if (this.#parent !== undefined && isFailure(standing) && standing.errno === "ENOENT") return next;
    const above = sequenceAbove(store);
    return isFailure(above) ? above : Math.max(next, above);
  }
}

/** A sequence above that of every image in the directory, damaged ones and other processes' among them. */
function sequenceAbove(store: Vfs): number | Failure {
  const entries = readdir(store, ".");
  if (isFailure(entries)) return entries;
  return entries.reduce((next, { name }) => Math.max(next, (sequenceOf(name) ?? -1) + 1), 0);
}
