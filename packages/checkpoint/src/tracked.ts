// Processes under checkpoint, as a strategy sees them: it may look at everything, and touch what stands here.

import type { Level } from "@pagelapse/mmu";
import type { IoBuffer, Vfs } from "@pagelapse/vfs";
import type { ProcessView } from "./address-space.ts";

/** A live process. The kernel package implements it; `space` is the one of the moment of asking. */
export interface TrackedProcess extends ProcessView {
  /** The pid of the process that made it; 0 once that one has ended. */
  readonly parentPid: number;
  /** The `check_count` that the lab report adds to the task. */
  readonly checkCount: number;
  /**
   * Clears D of the last-level entry at this physical address; says whether it was set. Nothing is handed on and no
   * TLB is flushed: Linux 2.6's `ptep_test_and_clear_dirty`, as the report calls it.
   */
  testAndClearDirty(vaddr: number, entry: number): boolean;
  /**
   * Clears D as a right tracker does: a D that was set goes to PG_dirty of every frame behind the entry, so that reclaim
   * still knows, and to its mark `pending`, which stays until `dropPending`. `level`: the entry's; one above the last maps a
   * large page. No TLB is flushed.
   */
  takeDirty(vaddr: number, entry: number, level: Level): void;
  /**
   * Clears the soft-dirty bit of every entry and VM_SOFTDIRTY of every area, takes W away, and flushes: the next store to a page
   * sets it. Only where entries have the bit.
   */
  clearSoftDirty(): void;
  /** Marks what is there of a range of whole pages of the process as write-protected by userfaultfd. Only where entries have the bit. */
  protectWrites(start: number, byteCount: number): void;
  /** Flushes every translation of this process from every TLB. */
  flush(): void;
  /**
   * Makes a child with all of the process's private memory, which the two share until one of them stores: copy-on-write. It is
   * nobody's child, and runs nothing. `undefined`: frames ran out, or there are too many tasks.
   */
  fork(): Snapshot | undefined;
  /** Tells, as a note, that the checkpoint holds this page. */
  saved(vaddr: number, paddr: number): void;
}

/** A process that stands still for whoever reads it, while the one that it was made of goes on. */
export interface Snapshot {
  readonly view: ProcessView;
  /** Gives its memory back. */
  end(): void;
}

/** The process tree under checkpoint, by its root: the process that runs. What is the machine's stands here too. */
export interface Tracked extends TrackedProcess {
  /** The living processes that come from the root, each after its parent. One whose parent has ended comes from nobody. */
  readonly descendants: readonly TrackedProcess[];
  /** How many events there have been. */
  readonly moment: number;
  /** Where checkpoint files go; what is done there becomes events. */
  readonly store: Vfs;
  /**
   * Whether a device has pages pinned on a kernel that copies such a page when it is stored to after W was taken away (Linux 5.8
   * to 5.15): the device would go on storing to the old one.
   */
  readonly losesPins: boolean;
  /** Takes `pending` off a frame: the checkpoint that holds its bytes is committed. */
  dropPending(pfn: number): void;
  /** Begins a dirty log of the machine, of at most that many pages; one that was kept is dropped. */
  startDirtyLog(capacity: number): void;
  /** Empties the log, so that the next store to any page is logged again. `undefined`: no log was kept. */
  takeDirtyLog(): DirtyLogTaken | undefined;
  /** Bytes of the root through its own addresses, as `copy_from_user` reads them: reading may fault pages in. */
  userBuffer(vaddr: number, byteCount: number): IoBuffer;
  /** `check_count++` of the root. */
  countCheck(): void;
  /** What becomes of the checkpoint, as events; details are small JSON. */
  begun(detail: CheckpointBegun): void;
  committed(detail: CheckpointCommitted): void;
  failed(detail: CheckpointFailed): void;
}

/** All processes of the tree, the root first. */
export function processesOf(tracked: Tracked): readonly TrackedProcess[] {
  return [tracked, ...tracked.descendants];
}

/** What stood in the dirty log. */
export interface DirtyLogTaken {
  /** Pages of living processes, in the tree or not, that were stored to since the log was last taken. */
  readonly pages: readonly { readonly pid: number; readonly vaddr: number }[];
  /** How many pages, of whatever process, did not fit. */
  readonly overflow: number;
}

/** A checkpoint began: detail of `checkpoint-begun`. */
export interface CheckpointBegun {
  readonly strategy: string;
  readonly name: string;
}

/** A checkpoint is complete: detail of `checkpoint-committed`. */
export interface CheckpointCommitted {
  readonly strategy: string;
  readonly name: string;
  readonly pagesSaved: number;
  readonly byteCount: number;
}

/** A checkpoint failed: detail of `checkpoint-failed`. */
export interface CheckpointFailed {
  readonly strategy: string;
  readonly name: string;
  readonly reason: string;
}
