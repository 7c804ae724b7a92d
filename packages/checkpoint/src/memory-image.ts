// Memory as checkpoint files give it back: plain values, without frames and tables.

import type { Area } from "@pagelapse/vma";

/** What files say of a process at the moment of their checkpoint. What they do not say is `undefined`. */
export interface MemoryImage {
  readonly pid: number | undefined;
  /** 0: of no process that is here too. */
  readonly parentPid: number | undefined;
  readonly startBrk: number | undefined;
  readonly brk: number | undefined;
  /** The task's `check_count` after that checkpoint. */
  readonly checkCount: number | undefined;
  /** Sorted and disjoint; `undefined` where the files record no areas. */
  readonly areas: readonly Area[] | undefined;
  /** VM_* flags of areas whose pages are left out on purpose: 0, where none are. */
  readonly leavesOut: number;
  /** Page address to its 4096 bytes, which nobody writes to. What is not listed is zero, or its file's. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

/** What is known before the first file. */
export const emptyImage: MemoryImage = {
  pid: undefined,
  parentPid: undefined,
  startBrk: undefined,
  brk: undefined,
  checkCount: undefined,
  areas: undefined,
  leavesOut: 0,
  pages: new Map(),
};
