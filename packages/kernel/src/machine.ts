// The machine: the parts made one, with a hot door for traces and `execute` for everything else.

import type { ProcessView } from "@pagelapse/checkpoint";
import type { EventLog } from "@pagelapse/events";
import type { Command, Fault, Result } from "./command.ts";

export interface MachineSurface extends ProcessView {
  /** Events so far go here; `log.site` is set by `programCounter`, `log.originBase` by `startChunk`. */
  readonly log: EventLog;
  /** 0 when done, else -1 and `lastFault` says why; then no byte was written. int32 halves; bytes are 8-aligned at words[at]. */
  store(high: number, low: number, words: Uint32Array, at: number, size: number): number;
  /** 0 when done, else -1 and `lastFault` says why. */
  load(high: number, low: number, size: number): number;
  readonly lastFault: Fault | undefined;
  /** The address of the instruction whose stores follow. */
  programCounter(pc: number): void;
  /** Says where the words that follow stand in the trace: a store's origin is `origin + at`. */
  startChunk(origin: number): void;
  execute(command: Command): Result;
  /** Publishes the events so far. */
  flush(): void;
}
