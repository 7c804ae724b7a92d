// The lab report's system calls: a checkpoint of a range whose ends stand in user memory.

import { cpRange } from "@pagelapse/checkpoint";
import type { Tracked } from "@pagelapse/checkpoint";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { copyFromUser } from "./user-memory.ts";

/**
 * `sys_cp_range` and its incremental twin: both arguments are copied from user memory first (EFAULT), an end above
 * TASK_SIZE is refused with -1 (the number of EPERM), and everything else returns 0, come what may.
 */
export function sysCpRange(core: Core, tracked: Tracked, startPointer: number, endPointer: number, incremental: 0 | 1): Result {
  const start = copyWord(core, startPointer);
  if (start === undefined) return { kind: "failed", errno: "EFAULT" };
  const end = copyWord(core, endPointer);
  if (end === undefined) return { kind: "failed", errno: "EFAULT" };
  if (end > core.architecture.taskSize) return { kind: "failed", errno: "EPERM" };
  cpRange(tracked, start, end, incremental);
  return { kind: "done", value: 0 };
}

/** An `unsigned long`. One of 2^53 or more lies above every TASK_SIZE, and so does what is left of it here. */
function copyWord(core: Core, vaddr: number): number | undefined {
  const bytes = new Uint8Array(core.architecture.wordBytes);
  if (copyFromUser(core, vaddr, bytes).fault !== undefined) return undefined;
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
