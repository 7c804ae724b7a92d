// Which format a trace has, and its decoder.

import { BadTrace } from "./bad-trace.ts";
import { LackeyText } from "./lackey-text.ts";
import { magic } from "./record.ts";
import { RecordedStream } from "./recorded-stream.ts";
import type { TraceDecoder, TraceFormat } from "./trace-decoder.ts";
import type { TraceSink } from "./trace-sink.ts";
import type { ValgrindLayout } from "./valgrind-layout.ts";

/** What a decoder may be told beside the trace. */
export interface DecoderOptions {
  /** For lackey's text: what `valgrind -d` printed. Without it areas are inferred. */
  readonly layout?: ValgrindLayout | undefined;
}

/**
 * Says by a trace's first bytes, of which one is enough, which format it must have. Throws `BadTrace` when it has none
 * of those there are, and when there is no byte.
 */
export function formatOf(first: Uint8Array): TraceFormat {
  if (first[0] === magic.charCodeAt(0)) return "recorded-stream";
  if (first.length > 0 && "I =-S".includes(String.fromCharCode(first[0]))) return "lackey-text";
  const found = first.length === 0 ? "nothing" : JSON.stringify(String.fromCharCode(...first.subarray(0, 8)));
  throw new BadTrace({ offset: 0, line: undefined }, `a recorded stream (${magic}) or the text of valgrind's lackey`, found);
}

/** The decoder of a trace that begins with these bytes, which feeds `sink`. Each machine has a decoder of its own. */
export function createDecoder(first: Uint8Array, sink: TraceSink, options: DecoderOptions = {}): TraceDecoder {
  return formatOf(first) === "recorded-stream" ? new RecordedStream(sink) : new LackeyText(sink, options.layout);
}
