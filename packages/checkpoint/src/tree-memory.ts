// The memory of a process tree, as checkpoint files give it back.

import type { MemoryImage } from "./memory-image.ts";

/** Processes, and what they share. */
export interface TreeMemory {
  /** The root first, each after its parent. */
  readonly processes: readonly ProcessMemory[];
  readonly shared: readonly SharedMemory[];
}

/** A process of a tree. */
export interface ProcessMemory extends MemoryImage {
  /** Those of `pages` that are the process's own; the others are pages of `shared`. */
  readonly ownPages: ReadonlyMap<number, Uint8Array>;
}

/** Memory that areas share, whether or not any maps each of its pages. */
export interface SharedMemory {
  /** As `Area.file`, or `undefined` where `object`, as `Area.object`, tells which. */
  readonly file: string | undefined;
  readonly object: number | undefined;
  /** Offset to 4096 bytes, which nobody writes to. What is not listed is zero, or the file's. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

/** A tree of one process that shares nothing. */
export function soleProcess(image: MemoryImage): TreeMemory {
  return { processes: [{ ...image, ownPages: image.pages }], shared: [] };
}
