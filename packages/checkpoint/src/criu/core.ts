// core-PID.img: a process apart from its memory.

import { message, nested, optional, required } from "./message.ts";
import type { MessageType } from "./message.ts";
import { decodeOne, encodeAll } from "./record-file.ts";
import { bits64, text, uint32 } from "./scalars.ts";

/**
 * `core_entry`, without what pagelapse does not have: registers, threads, timers, limits and credentials. `mtype` and `tc` are
 * what `crit` asks for. Where the registers stand in CRIU's own files (`thread_info`, `ti_riscv64`; `thread_core`, `ids`) there is
 * nothing, so CRIU itself can read such a process, and not start it.
 */
export interface CoreEntry {
  /** `march`: 1 for x86 of 64 and of 32 bits, 8 for RISC-V. */
  readonly mtype: number;
  readonly tc: TaskCoreEntry | undefined;
}

/** `task_core_entry`. */
export interface TaskCoreEntry {
  /** `COMPEL_TASK_*`: 1 alive, 2 dead, 3 stopped, 6 zombie. */
  readonly taskState: number;
  readonly exitCode: number;
  readonly personality: number;
  readonly flags: number;
  /** Blocked signals. */
  readonly blockedSignals: bigint;
  /** The program's name, at most 15 bytes. */
  readonly comm: string;
}

const taskCoreEntry: MessageType<TaskCoreEntry> = message("task_core_entry", {
  taskState: required(1, uint32),
  exitCode: required(2, uint32),
  personality: required(3, uint32),
  flags: required(4, uint32),
  blockedSignals: required(5, bits64),
  comm: required(6, text),
});

const coreEntry: MessageType<CoreEntry> = message("core_entry", {
  mtype: required(1, uint32),
  tc: optional(3, nested(taskCoreEntry)),
});

/** The file. */
export function encodeCore(core: CoreEntry): Uint8Array {
  return encodeAll("core", coreEntry, [core]);
}

/** Reads the file. Throws `BadImage`. */
export function decodeCore(file: string, bytes: Uint8Array): CoreEntry {
  return decodeOne("core", coreEntry, file, bytes);
}
