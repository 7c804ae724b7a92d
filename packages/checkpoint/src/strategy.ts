// What every way of taking checkpoints has in common: pages out into files, and files back into memory.

import type { Architecture } from "@pagelapse/mmu";
import type { Vfs } from "@pagelapse/vfs";
import type { MemoryImage } from "./memory-image.ts";
import type { Tracked } from "./tracked.ts";
import type { TreeMemory } from "./tree-memory.ts";

/** A way of taking checkpoints. */
export interface Strategy {
  /** As the command line names it. */
  readonly name: string;
  /** `correct`: what is rebuilt from its files is the memory of that moment, always. */
  readonly claim: "correct" | "flawed";
  /** One line, for help. */
  readonly summary: string;
  /** Begins a chain of checkpoints of one process tree. */
  start(): Checkpointer;
  /** Begins to read such a chain back. */
  rebuild(architecture: Architecture): Rebuild;
}

/** Takes the checkpoints of one process tree, one after another; what its last file holds is its own knowledge. */
export interface Checkpointer {
  /** A checkpoint of the whole user range. All programs stand still meanwhile. */
  take(tracked: Tracked): CheckpointResult;
  /** Begins a checkpoint whose steps are taken one by one. A strategy without this takes all of it in `copy`. */
  steps?(tracked: Tracked): CheckpointSteps;
}

/**
 * A checkpoint with its steps apart, so that the program, devices and other processors can act between them; `take` is all of
 * them in this order, with a flush of the TLBs, which is the caller's here, after `clear`. Each is called once, `collect`
 * first and `commit` last.
 */
export interface CheckpointSteps {
  /** Looks which pages the file must hold. */
  collect(): void;
  /** Takes the marks of change, so that later stores leave new ones. */
  clear(): void;
  /** Reads the bytes of the pages. */
  copy(): void;
  /** Writes the file; forgets the marks when it stands there. */
  commit(): CheckpointResult;
}

/** The steps of a checkpoint, for a strategy that has them apart and for one that has not. */
export function stepsOf(checkpointer: Checkpointer, tracked: Tracked): CheckpointSteps {
  if (checkpointer.steps !== undefined) return checkpointer.steps(tracked);
  let result: CheckpointResult | undefined;
  return {
    collect: () => undefined,
    clear: () => undefined,
    copy: () => void (result = checkpointer.take(tracked)),
    commit: () => result ?? checkpointer.take(tracked),
  };
}

/**
 * How a checkpoint ended. `committed`: the strategy takes it for done, and what it knows now builds on the file at `path`.
 * `failed`: nothing stands under that name that was not there before, or that should be read. `indeterminate`: the whole
 * file may stand there, now or after a restart. Paths are those of `Tracked.store`.
 */
export type CheckpointResult =
  | {
      readonly kind: "committed";
      readonly path: string;
      /** Pages whose bytes are in this file. */
      readonly pagesSaved: number;
      /** Bytes of this file. */
      readonly byteCount: number;
      /** Entries that lead to a frame, the zero frame not counted. */
      readonly presentPages: number;
      /** Bytes that a full checkpoint would have taken here in the same format, give or take those of its map of pages. */
      readonly fullBytes: number;
    }
  | { readonly kind: "failed" | "indeterminate"; readonly path: string; readonly reason: string };

/** Reads the files of a chain in the order in which they were taken. */
export interface Rebuild {
  /**
   * Takes the next checkpoint in, which stands in the store at a path; returns what there is to complain of in it, in sentences.
   * Throws `BadImage` for one that cannot be believed, and then nothing has changed.
   */
  add(store: Vfs, path: string): readonly string[];
  /** The tree at the last checkpoint taken in, without processes before the first. A value: a later `add` makes another. */
  readonly tree: TreeMemory;
  /** Its root. */
  readonly image: MemoryImage;
}
