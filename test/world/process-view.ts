// A living process of a machine, as every reader takes it.

import type { ProcessView } from "@pagelapse/checkpoint";
import type { Machine } from "@pagelapse/kernel";

/** Throws when no process of that pid lives. */
export function viewOf({ architecture, memory, cached, files, state }: Machine, pid: number): ProcessView {
  const space = state.tasks.find((task) => task.pid === pid && task.state === "alive");
  if (space === undefined) throw new Error(`process ${pid} does not live`);
  return { architecture, memory, cached, files, space };
}
