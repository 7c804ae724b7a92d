// What a trace is fed to.

import type { ProcessView } from "@pagelapse/checkpoint";
import type { Command, Fault, Result } from "@pagelapse/kernel";

/**
 * A machine as a decoder sees it: the hot door for accesses, `execute` for everything rare, and a view of the process to
 * compare its memory with what the trace says. The kernel's `Machine` is one. No more than four classes in one process
 * should be: with the fifth each call costs eight times as much.
 */
export interface TraceSink extends ProcessView {
  /**
   * The program stores `size` bytes (1 to 64), found at `words[at]` on, at the address whose 32-bit halves are `high`
   * and `low` (as int32). 0 when done; -1 when it was refused, with no byte written: then `lastFault` says why.
   */
  store(high: number, low: number, words: Uint32Array, at: number, size: number): number;
  /** The program loads up to 4096 bytes; 0 or -1 as with `store`. */
  load(high: number, low: number, size: number): number;
  /** The address of the instruction whose accesses follow; 0 when unknown. */
  programCounter(pc: number): void;
  /** Where in the trace what follows stands: the origin of a store is `origin + at * 4`, of all else `origin`. */
  startChunk(origin: number): void;
  execute(command: Command): Result;
  readonly lastFault: Fault | undefined;
}
