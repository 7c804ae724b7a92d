// A process as every reader takes it: with a physical memory it says all there is to say about its memory.

import type { Architecture, PhysicalMemory } from "@pagelapse/mmu";
import type { Area } from "@pagelapse/vma";
import type { PageCache } from "./page-cache.ts";

/** What of a process is not bytes: Linux's `mm_struct`. Plain JSON. */
export interface AddressSpace {
  readonly pid: number;
  /** Physical address of the root of its page table. */
  readonly root: number;
  /** Sorted and disjoint. */
  readonly areas: readonly Area[];
  /** The program break, and where it began. */
  readonly startBrk: number;
  readonly brk: number;
}

/** Where the bytes of mapped files come from, before anybody stored to them: `Area.file` is the label. */
export interface MappedFiles {
  /** Fills `target` with the file's bytes from `offset` on, zeros past its end; `unknown` when nobody has them. */
  read(file: string, offset: number, target: Uint8Array): "known" | "unknown";
}

/** A process at a moment: what pure readers look at. */
export interface ProcessView extends PageCache {
  readonly architecture: Architecture;
  readonly memory: PhysicalMemory;
  readonly space: AddressSpace;
  readonly files: MappedFiles;
}
