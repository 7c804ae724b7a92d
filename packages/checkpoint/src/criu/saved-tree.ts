// A process tree as CRIU's files have it: areas, and which pages stand where.

import type { PageRun } from "../image/page-run.ts";
import type { ProcessImage, SharedImage } from "../image/tree-image.ts";

/** A tree. A `TreeImage` is one, and says more. */
export interface SavedTree {
  /** Name of the architecture. CRIU's files tell x86 from RISC-V, and no more: read from there it is `x86-64` or `sv39`. */
  readonly architecture: string;
  /** The root first, each after its parent. */
  readonly processes: readonly SavedProcess[];
  /** Memory that areas share, each once, and cached pages of files mapped MAP_SHARED that were written to. */
  readonly shared: readonly SavedShared[];
}

/** A process, but for what CRIU has no place for. */
export type SavedProcess = Omit<ProcessImage, "checkCount">;

/** Shared anonymous memory by `object`, a file by its label. */
export type SavedShared = SharedImage;

/** One of CRIU's files, but for the bytes of pages. */
export interface ImageFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file with the bytes of pages. */
export interface PagesFile {
  /** `pages-ID.img` */
  readonly name: string;
  /** The pages that stand in it, 4096 bytes each, one after another. */
  readonly runs: readonly PageRun[];
}
