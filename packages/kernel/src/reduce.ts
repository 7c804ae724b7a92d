// The reducer: how each state fact changes the state. It cannot fail.

import { applyAreaChange } from "@pagelapse/vma";
import type { Area, AreaChange } from "@pagelapse/vma";
import { castDraft, produce } from "immer";
import type { Draft } from "immer";
import type { CheckpointRecord, DirtyLog, LoggedPage, MachineState, StateFact } from "./machine-state.ts";

/** The state after a fact about the task of that index. */
export function reduce(state: MachineState, task: number, fact: StateFact): MachineState {
  return produce(state, (draft) => {
    switch (fact.kind) {
      case "task-created":
        draft.tasks[task] = castDraft(fact.task);
        for (const area of fact.task.areas) draft.nextObject = Math.max(draft.nextObject, (area.object ?? 0) + 1);
        return;
      case "task-exited":
        draft.tasks[task].state = "dead";
        draft.tasks[task].root = fact.root;
        for (const child of draft.tasks) if (child.parentPid === draft.tasks[task].pid) child.parentPid = 0;
        return;
      case "task-switched":
        draft.running[fact.processor] = fact.task;
        return;
      case "page-pinned":
        draft.pins.push(fact.pin);
        return;
      case "page-unpinned":
        draft.pins = draft.pins.filter(({ name }) => name !== fact.name);
        return;
      case "dirty-log-started":
        draft.dirtyLog = { capacity: fact.capacity, pages: [], overflow: 0 };
        return;
      case "write-logged":
        if (draft.dirtyLog !== undefined) logPage(draft.dirtyLog, { task, vaddr: fact.vaddr });
        return;
      case "dirty-log-taken":
        if (draft.dirtyLog !== undefined) draft.dirtyLog = { ...draft.dirtyLog, pages: [], overflow: 0 };
        return;
      case "object-dropped":
        draft.cached = draft.cached.filter(({ root }) => root !== fact.object.root);
        return;
      case "object-cached":
        draft.cached.push(fact.object);
        return;
      case "check-counted":
        draft.tasks[task].checkCount += 1;
        return;
      case "checkpoint-begun":
      case "checkpoint-committed":
      case "checkpoint-failed":
        record(draft.checkpoints, task, fact);
        return;
      case "break-moved":
        draft.tasks[task].brk = fact.brk;
        return;
      case "area-mapped":
        draft.nextObject = Math.max(draft.nextObject, (fact.area.object ?? 0) + 1);
        draft.tasks[task].areas = castDraft(areasAfter(state.tasks[task].areas, fact));
        return;
      case "area-unmapped":
      case "area-protected":
      case "area-moved":
      case "area-discarded":
      case "area-freed":
      case "anon-vma-prepared":
      case "area-grown":
      case "area-advised":
        draft.tasks[task].areas = castDraft(areasAfter(state.tasks[task].areas, fact));
        return;
    }
    fact satisfies never;
  });
}

/** Frozen here: Immer, which would look through every area of the list each time, passes over what is frozen already. */
function areasAfter(areas: readonly Area[], change: AreaChange): readonly Area[] {
  const after = applyAreaChange(areas, change);
  for (const area of after) Object.freeze(area);
  return Object.freeze(after);
}

function logPage(log: Draft<DirtyLog>, page: LoggedPage): void {
  if (log.pages.length < log.capacity) log.pages.push(page);
  else log.overflow += 1;
}

type CheckpointFact = Extract<StateFact, { kind: `checkpoint-${string}` }>;

/** A beginning is a record of its own; an end takes the place of the task's last beginning of that name. */
function record(checkpoints: CheckpointRecord[], task: number, fact: CheckpointFact): void {
  const { kind, ...detail } = fact;
  const ended = { task, state: kind.slice("checkpoint-".length), ...detail } as CheckpointRecord;
  const begun = checkpoints.findLastIndex((entry) => entry.state === "begun" && entry.task === task && entry.name === fact.name);
  if (begun === -1) checkpoints.push(ended);
  else checkpoints[begun] = ended;
}
