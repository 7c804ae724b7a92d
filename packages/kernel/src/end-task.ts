// exit(2): a task's memory given back.

import { frameBytes, zeroFrame } from "@pagelapse/mmu";
import { applyChange } from "./area-effects.ts";
import type { Core } from "./core.ts";

/**
 * Ends the task at work: its pages, tables and root are free again, and what only it shared is forgotten. Linux:
 * `exit_mmap`. Processors that run it have nothing to do until `switch-task`.
 */
export function endTask(core: Core): void {
  const { areas, root } = core.task;
  if (areas.length > 0) applyChange(core, { kind: "area-unmapped", start: areas[0].start, end: areas[areas.length - 1].end });
  core.frames.release(root / frameBytes);
  core.happen({ kind: "task-exited", root: zeroFrame(core.ram) * frameBytes });
}
