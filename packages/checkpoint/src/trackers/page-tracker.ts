// What tells one way of tracking changes from another: which pages changed since it last looked.

import type { Tracked, TrackedProcess } from "../tracked.ts";

/**
 * Tells which pages of a process tree changed. Images, chains, files and failures are the same for every tracker: a page that was told changed is
 * in every image from then on until one is committed, so a tracker need not know what becomes of a checkpoint.
 */
export interface PageTracker {
  /** Why changes of this tree cannot be tracked; `undefined` when they can. Without this they always can. */
  readonly refusal?: (tracked: Tracked) => string | undefined;
  /** Begins a look at every page, with the tree stopped; the judge is asked once for each page, memory by memory, by address. */
  readonly look: (tracked: Tracked) => PageJudge;
  /** Takes the marks of change, so that later stores leave new ones. The caller flushes the TLBs afterwards. */
  readonly clear: (tracked: Tracked) => void;
}

/**
 * What a page is against the last look: `unchanged` only if nobody can have stored to it, nor put another in its place.
 * `left out`: the image shall not list it, as if it held nothing of its own. The page is lent until the judge is asked again.
 */
export type PageJudge = (page: SeenPage) => "changed" | "unchanged" | "left out";

/** A page that has content of its own, and what is known of it whatever the tracker. */
export interface SeenPage {
  /** The process whose own page it is; `undefined`: it is in the page cache, of a file or of shared memory, and whoever maps it may store to it. */
  readonly process: TrackedProcess | undefined;
  /** Names the memory that it is a page of, for good. */
  readonly memory: string;
  /** Its address in the process, or its offset in shared memory. */
  readonly address: number;
  /** Its frame, or that of its slot on the swap device. */
  readonly pfn: number;
  /** Whether the parent has it from this frame in this allocation. */
  readonly isSameFrame: boolean;
  /** Whether D is set in any entry of the tree that leads to its frame. */
  readonly isDirty: boolean;
  /** Whether the frame is marked: a tracker or the kernel took D, or a device stored. */
  readonly isPending: boolean;
  /** Whether others than the tree may store to it, whose D is not asked for: it is in the page cache, and they have references too. */
  readonly isOthers: boolean;
}

/** Whether frame, D and marks all say that a page is as it was. Where D is not taken this soon says so of none. */
export function isUntouched(page: SeenPage): boolean {
  return page.isSameFrame && !page.isDirty && !page.isPending && !page.isOthers;
}
