// Takes images one after another, each of the pages that a tracker says changed.

import { isFailure } from "@pagelapse/vfs";
import { ImageStore } from "../store/image-store.ts";
import type { CheckpointResult, Checkpointer } from "../strategy.ts";
import { processesOf } from "../tracked.ts";
import type { Tracked } from "../tracked.ts";
import { ImageSteps } from "./image-steps.ts";
import type { Beginning, Parent } from "./image-steps.ts";

/** What images are taken by. */
export interface ImageOptions extends Pick<Beginning, "strategy" | "tracker" | "parts" | "capture" | "changes"> {
  /** Whether the TLBs are flushed after `clear`, as they must be. */
  readonly flush: "done" | "omitted";
}

/** A chain of images of one process tree. */
export class ImageCheckpointer implements Checkpointer {
  readonly #options: ImageOptions;
  #store: ImageStore | undefined;
  #vfs: Tracked["store"] | undefined;
  #parent: Parent | undefined;
  #lastSequence = 0;

  constructor(options: ImageOptions) {
    this.#options = options;
  }

  take(tracked: Tracked): CheckpointResult {
    const steps = this.#begin(tracked, "stopped");
    steps.collect();
    steps.clear();
    if (this.#options.flush === "done") for (const process of processesOf(tracked)) process.flush();
    steps.copy();
    return steps.commit();
  }

  steps(tracked: Tracked): ImageSteps {
    return this.#begin(tracked, "goes on");
  }

  #begin(tracked: Tracked, world: Beginning["world"]): ImageSteps {
    const store = this.#storeOf(tracked);
    const next = store.nextSequence();
    this.#lastSequence = isFailure(next) ? this.#lastSequence + 1 : next;
    const unreadable = isFailure(next) ? `the directory of checkpoints cannot be read: ${next.errno}` : undefined;
    return new ImageSteps(tracked, {
      ...this.#options,
      world,
      store,
      parent: this.#parent?.memory === tracked.memory ? this.#parent : undefined,
      sequence: this.#lastSequence,
      trouble: this.#options.tracker.refusal?.(tracked) ?? unreadable,
      remember: (unchanged) => (this.#parent = unchanged),
      committed: (parent) => (this.#parent = parent),
    });
  }

  #storeOf({ store }: Tracked): ImageStore {
    if (this.#store === undefined || this.#vfs !== store) {
      this.#vfs = store;
      this.#store = new ImageStore(store);
    }
    return this.#store;
  }
}
