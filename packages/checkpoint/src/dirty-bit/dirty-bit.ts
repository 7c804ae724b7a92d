// The strategy `dirty-bit`: increments of the pages whose D was set, none of which a failure can lose.

import { isFailure, lstat, readdir } from "@pagelapse/vfs";
import type { Failure, Vfs } from "@pagelapse/vfs";
import type { CheckpointResult, Checkpointer, Strategy } from "../strategy.ts";
import type { Tracked } from "../tracked.ts";
import { DirtyBitSteps } from "./dirty-bit-steps.ts";
import type { Parent } from "./dirty-bit-steps.ts";
import { ImageChain } from "./image-chain.ts";
import { imageFileName, sequenceOf } from "./image.ts";

/**
 * D, the mark `pending` of a frame and its allocation say which pages the parent does not have; D is taken out of every entry
 * into the marks, the TLB is flushed, and only then are pages copied, into a file that appears whole or not at all. When it
 * is committed the marks are dropped. When it is not, nothing is done, and the next image holds those pages again.
 */
export const dirtyBit: Strategy = {
  name: "dirty-bit",
  claim: "correct",
  summary: "pages whose D was set: taken, flushed, then copied; kept until the file is durable",
  start: () => new DirtyBitCheckpointer(),
  rebuild: (architecture) => new ImageChain(architecture),
};

class DirtyBitCheckpointer implements Checkpointer {
  #parent: Parent | undefined;
  /** Counts up after failures too, so that no two images ever share a name. */
  #nextSequence = 0;

  take(tracked: Tracked): CheckpointResult {
    const steps = this.steps(tracked);
    steps.collect();
    steps.clear();
    tracked.flush();
    steps.copy();
    return steps.commitUnchanged();
  }

  steps(tracked: Tracked): DirtyBitSteps {
    const free = this.#freeSequence(tracked);
    const sequence = isFailure(free) ? this.#nextSequence : free;
    if (!isFailure(free)) this.#nextSequence = free + 1;
    return new DirtyBitSteps(tracked, {
      strategy: dirtyBit.name,
      parent: this.#parent?.memory === tracked.memory ? this.#parent : undefined,
      sequence,
      trouble: isFailure(free) ? `the directory of checkpoints cannot be read: ${free.errno}` : undefined,
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
