// All of a machine that is not bytes in frames: one frozen value, changed by facts only.

import type { AddressSpace, CachedObject, CheckpointBegun, CheckpointCommitted, CheckpointFailed } from "@pagelapse/checkpoint";
import type { Architecture } from "@pagelapse/mmu";
import type { AreaChange } from "@pagelapse/vma";
import { freeze } from "immer";

/** A process. */
export interface Task extends AddressSpace {
  /** The pid of the living task that made it; 0 when there is none. */
  readonly parentPid: number;
  /** The member that the lab report adds to `task_struct`: how many checkpoint files this task has made. */
  readonly checkCount: number;
  /** A dead task has no memory and no tables, and its pid may be another's. */
  readonly state: "alive" | "dead";
}

/** A checkpoint and how it ended. */
export type CheckpointRecord = { readonly task: number } & (
  | ({ readonly state: "begun" } & CheckpointBegun)
  | ({ readonly state: "committed" } & CheckpointCommitted)
  | ({ readonly state: "failed" } & CheckpointFailed)
);

/** A frame that a device may write to, for as long as it is pinned. */
interface Pin {
  readonly name: string;
  readonly pfn: number;
}

/** Pages stored to since the log was last read, in a ring like Intel's page-modification log: what does not fit is lost. */
export interface DirtyLog {
  readonly capacity: number;
  readonly pages: readonly LoggedPage[];
  /** How many did not fit: then the log does not know what is dirty. */
  readonly overflow: number;
}

/** A page of a task, by the task's index. */
export interface LoggedPage {
  readonly task: number;
  readonly vaddr: number;
}

/** Plain JSON, deeply frozen. */
export interface MachineState {
  readonly architecture: Architecture["name"];
  /** An event's `task` is an index of this list. */
  readonly tasks: readonly Task[];
  /** Which task each processor runs, as an index of `tasks`. */
  readonly running: readonly number[];
  /** The page cache. */
  readonly cached: readonly CachedObject[];
  /** Frames that devices may write to. */
  readonly pins: readonly Pin[];
  /** What a hypervisor knows of writes; `undefined` when it keeps no log. */
  readonly dirtyLog: DirtyLog | undefined;
  /** The number of the next shared anonymous memory: none is used twice. */
  readonly nextObject: number;
  readonly checkpoints: readonly CheckpointRecord[];
}

/** What changes the state; each is the detail of the event whose kind it names. */
export type StateFact =
  | AreaChange
  | { readonly kind: "task-created"; readonly task: Task }
  /** `root`: of the zero frame, where every walk ends at once. */
  | { readonly kind: "task-exited"; readonly root: number }
  | { readonly kind: "task-switched"; readonly processor: number; readonly task: number }
  | { readonly kind: "object-cached"; readonly object: CachedObject }
  | { readonly kind: "page-pinned"; readonly pin: Pin }
  | { readonly kind: "page-unpinned"; readonly name: string }
  | { readonly kind: "dirty-log-started"; readonly capacity: number }
  | { readonly kind: "write-logged"; readonly vaddr: number }
  | { readonly kind: "dirty-log-taken" }
  | { readonly kind: "object-dropped"; readonly object: CachedObject }
  | { readonly kind: "check-counted" }
  | ({ readonly kind: "checkpoint-begun" } & CheckpointBegun)
  | ({ readonly kind: "checkpoint-committed" } & CheckpointCommitted)
  | ({ readonly kind: "checkpoint-failed" } & CheckpointFailed);

/** A machine without tasks. */
export function emptyState(architecture: Architecture): MachineState {
  return freeze(
    {
      architecture: architecture.name,
      tasks: [],
      running: [],
      cached: [],
      pins: [],
      dirtyLog: undefined,
      nextObject: 1,
      checkpoints: [],
    },
    true,
  );
}
