// All of a machine that is not bytes in frames: one frozen value, changed by facts only.

import type { AddressSpace, CachedObject, CheckpointBegun, CheckpointCommitted, CheckpointFailed } from "@pagelapse/checkpoint";
import type { Architecture } from "@pagelapse/mmu";
import type { AreaChange } from "@pagelapse/vma";
import { freeze } from "immer";

/** A process. */
export interface Task extends AddressSpace {
  /** The member that the lab report adds to `task_struct`: how many checkpoint files this task has made. */
  readonly checkCount: number;
  /** A dead task has no memory, and its pid may be another's. */
  readonly state: "alive" | "dead";
}

/** A checkpoint and how it ended. */
export type CheckpointRecord = { readonly task: number } & (
  | ({ readonly state: "begun" } & CheckpointBegun)
  | ({ readonly state: "committed" } & CheckpointCommitted)
  | ({ readonly state: "failed" } & CheckpointFailed)
);

/** Plain JSON, deeply frozen. */
export interface MachineState {
  readonly architecture: Architecture["name"];
  /** An event's `task` is an index of this list. */
  readonly tasks: readonly Task[];
  /** Which task each processor runs, as an index of `tasks`. */
  readonly running: readonly number[];
  /** The page cache. */
  readonly cached: readonly CachedObject[];
  /** The number of the next shared anonymous memory: none is used twice. */
  readonly nextObject: number;
  readonly checkpoints: readonly CheckpointRecord[];
}

/** What changes the state; each is the detail of the event whose kind it names. */
export type StateFact =
  | AreaChange
  | { readonly kind: "task-created"; readonly task: Task }
  | { readonly kind: "task-exited" }
  | { readonly kind: "task-switched"; readonly processor: number; readonly task: number }
  | { readonly kind: "object-cached"; readonly object: CachedObject }
  | { readonly kind: "object-dropped"; readonly object: CachedObject }
  | { readonly kind: "check-counted" }
  | ({ readonly kind: "checkpoint-begun" } & CheckpointBegun)
  | ({ readonly kind: "checkpoint-committed" } & CheckpointCommitted)
  | ({ readonly kind: "checkpoint-failed" } & CheckpointFailed);

/** A machine without tasks. */
export function emptyState(architecture: Architecture): MachineState {
  return freeze({ architecture: architecture.name, tasks: [], running: [], cached: [], nextObject: 1, checkpoints: [] }, true);
}
