// What every way of taking checkpoints has in common: pages out into files, and files back into memory.

import type { Architecture } from "@pagelapse/mmu";
import type { MemoryImage } from "./memory-image.ts";
import type { Tracked } from "./tracked.ts";

/** A way of taking checkpoints. */
export interface Strategy {
  /** As the command line names it. */
  readonly name: string;
  /** `correct`: what is rebuilt from its files is the memory of that moment, always. */
  readonly claim: "correct" | "flawed";
  /** One line, for help. */
  readonly summary: string;
  /** Begins a chain of checkpoints of one process. */
  start(): Checkpointer;
  /** Begins to read such a chain back. */
  rebuild(architecture: Architecture): Rebuild;
}

/** Takes the checkpoints of one process, one after another; what its last file holds is its own knowledge. */
export interface Checkpointer {
  /** A checkpoint of the whole user range. The program stands still meanwhile. */
  take(tracked: Tracked): CheckpointResult;
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
      /** Pages that have a frame, the zero frame not counted. */
      readonly presentPages: number;
      /** Bytes that a full checkpoint would have taken here in the same format. */
      readonly fullBytes: number;
    }
  | { readonly kind: "failed" | "indeterminate"; readonly path: string; readonly reason: string };

/** Reads the files of a chain in the order in which they were taken. */
export interface Rebuild {
  /**
   * Takes the next file in; returns what there is to complain of in it, in sentences. `bytes` are copied, not kept. Throws
   * `BadImage` for a file that cannot be believed, and then nothing has changed.
   */
  add(path: string, bytes: Uint8Array): readonly string[];
  /** Memory at the last file taken in. A value: a later `add` makes another. */
  readonly image: MemoryImage;
}
