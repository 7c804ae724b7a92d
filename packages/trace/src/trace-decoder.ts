// What every decoder of a trace offers, whatever the format.

import type { Area } from "@pagelapse/vma";
import type { FinalResult } from "./final-check.ts";
import type { LayoutResult } from "./layout-check.ts";
import type { TraceChunk } from "./trace-chunks.ts";

/** The formats there are. */
export type TraceFormat = "recorded-stream" | "lackey-text";

/** Feeds one machine with a trace, chunk by chunk. Counts are of what has been decoded so far. */
export interface TraceDecoder {
  readonly format: TraceFormat;
  /**
   * `decode` stops when `stores` comes to this: whoever wants to do something after exactly so many stores sets it, and
   * calls `decode` again, with a higher one, from where it stopped. `Infinity` at first.
   */
  storeLimit: number;
  /**
   * Decodes a chunk from this index on (`chunk.start` at first), and returns the index at which it stopped: that of what
   * has not come whole yet, or just after the store that reached the limit. Throws `BadTrace`, and what the machine
   * throws (`OutOfFrames`); then neither decoder nor machine can go on.
   */
  decode(chunk: TraceChunk, from: number): number;
  /** Says that the trace is over. Throws `BadTrace` when something was cut off. */
  end(): void;
  readonly stores: number;
  readonly loads: number;
  /** Times that the kernel wrote into the process's memory. */
  readonly kernelWrites: number;
  /** How many records, or lines, of each kind: a name and a count each, in the format's order, zeros left out. */
  readonly counts: readonly (readonly [name: string, count: number])[];
  /** The areas when the program began; `undefined` until then. */
  readonly areasAtStart: readonly Area[] | undefined;
  /** The machine's memory beside the contents that the trace ends with. */
  readonly final: FinalResult;
  /** The machine's areas beside the layout that Valgrind printed at exit; `undefined` before `end` and without one. */
  readonly layout: LayoutResult | undefined;
}
