// The lines that `--trace-syscalls=yes` adds to a trace.

import type { ProgramMemory } from "./program-memory.ts";

/*
 *     SYSCALL[PID,THREAD](NUMBER) sys_name ( ARGUMENTS )[sync] --> Success(0xRESULT)
 *     SYSCALL[PID,THREAD](NUMBER) sys_name ( ARGUMENTS ) --> [pre-success] Success(0xRESULT)
 *     SYSCALL[PID,THREAD](NUMBER) sys_name ( ARGUMENTS ) --> [async] ...
 *     SYSCALL[PID,THREAD](NUMBER) ... [async] --> Failure(0xERRNO)
 *     SYSCALL[PID,THREAD](NUMBER) unimplemented (by the kernel) syscall: NUMBER! (ni_syscall)
 *      --> [pre-fail] Failure(0xERRNO)
 *
 * What began on one line may end on another, with lines of other threads between them.
 */

/** A system call with its result. */
export interface SystemCall {
  readonly number: number;
  readonly thread: number;
  /** As the line has them; what is no number is 0. */
  readonly args: readonly number[];
  /** What stands between the parentheses. */
  readonly text: string;
  /** Negative: an errno. */
  readonly result: number;
}

const lineShape = /^SYSCALL\[(\d+),(\d{1,5})\]\( *(\d{1,5})\) ?(.*)$/;
const resultShape = /--> (?:\[[a-z-]+\] )?(Success|Failure)\(0x([0-9a-f]{1,16})\) ?$/;
const argumentShape = /\( ?(.*?) ?\)(?: ?\[sync\])?(?: -->.*)?$/;

/** Threads that may be in a call at a time. */
const threadLimit = 1024;

type Begun = Omit<SystemCall, "result">;

/** Puts the lines of each thread together. */
export class SystemCallLines {
  /** Calls that have got their result. */
  count = 0;
  readonly #memory: ProgramMemory;
  readonly #done: (call: SystemCall) => void;
  readonly #begun: Map<number, Begun> = new Map();
  #pid: string | undefined;
  /** The thread of the last line. */
  #thread = 0;

  /** `done` is told each call that has come to its end. */
  constructor(memory: ProgramMemory, done: (call: SystemCall) => void) {
    this.#memory = memory;
    this.#done = done;
  }

  /** Takes in a line, which begins with `SYSCALL[` or is the rest of the one before. Throws `BadTrace`. */
  take(line: string): void {
    const shape = lineShape.exec(line);
    if (shape !== null) this.#begin(shape);
    else if (line.startsWith("SYSCALL["))
      throw this.#memory.bad("SYSCALL[process,thread](number)", JSON.stringify(line.slice(0, 60)));
    const result = resultShape.exec(line);
    const begun = this.#begun.get(this.#thread);
    if (result === null || begun === undefined) return;
    this.#begun.delete(this.#thread);
    this.count += 1;
    const value = Number.parseInt(result[2], 16);
    this.#done({ ...begun, result: result[1] === "Success" ? value : -value });
  }

  #begin([, pid, thread, number, rest]: readonly string[]): void {
    this.#pid ??= pid;
    if (pid !== this.#pid)
      throw this.#memory.bad(
        `one process, ${this.#pid}, in a trace (a log file's name may have %p)`,
        `a system call of process ${pid}`,
      );
    this.#thread = Number(thread);
    if (rest.startsWith("... ")) return;
    if (this.#begun.size >= threadLimit) throw this.#memory.bad(`calls of at most ${threadLimit} threads at a time`, "one more");
    const text = argumentShape.exec(rest)?.[1] ?? "";
    const args = text === "" ? [] : text.split(", ").map(numberIn);
    this.#begun.set(this.#thread, { number: Number(number), thread: this.#thread, args, text });
  }
}

/** `0x1f`, `31`, `1f`, or one of them with text behind it: `0x4034b30(/usr/lib)`. */
function numberIn(argument: string): number {
  const word = /^(-?\d+|0x[0-9a-f]+|[0-9a-f]+)(?=\(|$)/.exec(argument)?.[1] ?? "0";
  return /^(-?\d+|0x.*)$/.test(word) ? Number(word) : Number.parseInt(word, 16);
}
