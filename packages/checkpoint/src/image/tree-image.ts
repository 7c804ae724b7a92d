// What an image says of a process tree, but for the bytes of its pages.

import type { Area } from "@pagelapse/vma";
import type { PageRun } from "./page-run.ts";

/**
 * A process tree at a moment. Its maps of pages are complete: a page that is not listed holds what its file holds, or zeros where
 * there is none. Maps go in order: the processes', then those of shared memory, each by address; DATA pages are numbered from 0
 * in that order over the whole image.
 *
 * ZERO is said of pages of private anonymous memory alone: elsewhere a page of zeros is DATA, as CRIU has it. A PARENT page
 * is DATA in the parent, or PARENT again, at the same address of the process with the same pid, or of the same shared memory;
 * what was ZERO there and is still is ZERO here.
 */
export interface TreeImage {
  /** From 1: no other image of a store, damaged or removed, ever had it. */
  readonly sequence: number;
  /** `undefined`: a full image, without PARENT pages. */
  readonly parent: ParentImage | undefined;
  /** Name of the strategy that chose the pages. */
  readonly strategy: string;
  /** `Architecture.name` */
  readonly architecture: string;
  /** Events before it; 0 where nobody counts. */
  readonly moment: number;
  /** One at least: the root first, each after its parent. */
  readonly processes: readonly ProcessImage[];
  /** Memory that areas share, each once; areas without an entry here share what nobody wrote to. */
  readonly shared: readonly SharedImage[];
}

/** The image that an increment builds on. */
export interface ParentImage {
  /** Below the increment's own. */
  readonly sequence: number;
  /** SHA-256 of its manifest.json: 64 hexadecimal digits. */
  readonly digest: string;
}

/** A process. */
export interface ProcessImage {
  readonly pid: number;
  /** 0: of no process in the image. */
  readonly parentPid: number;
  /** The task's `check_count` after this checkpoint. */
  readonly checkCount: number;
  readonly startBrk: number;
  readonly brk: number;
  /** By address, none over another. */
  readonly areas: readonly Area[];
  /** Its private pages, by address, all in areas; neighbours of one kind are one run. */
  readonly runs: readonly PageRun[];
}

/** Shared anonymous memory by `object`, or the cached pages of a file mapped MAP_SHARED by its label: one of the two is given. */
export interface SharedImage {
  readonly file: string | undefined;
  readonly object: number | undefined;
  /** Its pages, by offset; neighbours of one kind are one run. */
  readonly runs: readonly PageRun[];
}
