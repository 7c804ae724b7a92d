// A living process of a machine, as every reader takes it.

import type { ProcessView } from "@pagelapse/checkpoint";
import type { Machine } from "@pagelapse/kernel";
import { viewOf } from "../scenario/task-view.ts";

/** Throws when no process of that pid lives. */
export function processOf(machine: Machine, pid: number): ProcessView {
  const task = machine.state.tasks.findIndex((each) => each.pid === pid && each.state === "alive");
  if (task < 0) throw new Error(`process ${pid} does not live`);
  return viewOf(machine, task);
}
