// A trace fed to machines at the caller's pace, and whatever is wrong with it told as a refusal.

import { OutOfFrames } from "@pagelapse/kernel";
import { BadTrace, TraceChunks, createDecoder, formatOf, parseValgrindLayout } from "@pagelapse/trace";
import type { TraceChunk, TraceDecoder, TraceSink, ValgrindLayout } from "@pagelapse/trace";
import { formatCount } from "./quantity.ts";
import { Refusal, refusal } from "./refusal.ts";
import { openTraceInput } from "./trace-input.ts";
import type { TraceInput } from "./trace-input.ts";

/** Opens a trace; `-` is stdin. `maps` names a file of what `valgrind -d` printed beside lackey text. */
export async function openTraceFeed(path: string, maps: string | undefined): Promise<TraceFeed> {
  const input = await openTraceInput(path);
  try {
    const blocks = input.chunks[Symbol.asyncIterator]();
    const next = await blocks.next();
    const first = next.done === true ? new Uint8Array() : next.value;
    return new TraceFeed(input, first, blocks, await chooseDecoder(first, maps));
  } catch (reason) {
    await input.close();
    throw badTraceRefusal(input.name, reason) ?? reason;
  }
}

type MakeDecoder = (sink: TraceSink) => TraceDecoder;

/** An open trace whose format is known. */
export class TraceFeed {
  /** Begins to decode for a machine. */
  readonly decoderFor: MakeDecoder;
  readonly #input: TraceInput;
  readonly #blocks: AsyncIterator<Uint8Array>;
  readonly #chunks: TraceChunks = new TraceChunks();
  #fedBytes = 0;
  /** What has been read and not been fed. */
  #rest: Uint8Array | undefined;

  constructor(input: TraceInput, first: Uint8Array, blocks: AsyncIterator<Uint8Array>, decoderFor: MakeDecoder) {
    this.decoderFor = decoderFor;
    this.#input = input;
    this.#rest = first;
    this.#blocks = blocks;
  }

  /** How much of the file has been read, 0 to 1; `undefined` when nobody knows how long it is. */
  share(): number | undefined {
    return this.#input.share();
  }

  /** Bytes so far: of the file, and of the trace in it. */
  get byteCounts(): { readonly fileBytes: number; readonly traceBytes: number } {
    return { fileBytes: this.#input.readBytes(), traceBytes: this.#fedBytes };
  }

  /**
   * Feeds the next bytes, so many at most. `take` is given chunks, and returns where in the chunk its decoder stopped.
   * Says whether there was anything left to feed.
   */
  async step(take: (chunk: TraceChunk) => number, limit: number = Infinity): Promise<"fed" | "ended"> {
    if (this.#rest === undefined || this.#rest.length === 0) {
      const next = await this.#blocks.next();
      if (next.done === true) return "ended";
      this.#rest = next.value;
    }
    const part = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(part.length);
    this.#fedBytes += part.length;
    this.check(() => this.#chunks.feed(part, take));
    return "fed";
  }

  /** What `act` returns. A trace that cannot be believed, or that needs more RAM than there is, is a `Refusal`. */
  check<Result>(act: () => Result): Result {
    try {
      return act();
    } catch (reason) {
      throw badTraceRefusal(this.#input.name, reason) ?? reason;
    }
  }

  async close(): Promise<void> {
    await this.#blocks.return?.();
    await this.#input.close();
  }
}

/** What makes decoders for the format that the first bytes have. They are kept: what they lie in is used again. */
async function chooseDecoder(first: Uint8Array, maps: string | undefined): Promise<MakeDecoder> {
  const begins = first.slice(0, 16);
  if (formatOf(begins) === "recorded-stream" && maps !== undefined)
    throw new Refusal("--maps: expected lackey text beside it, found a recorded stream");
  const layout = maps === undefined ? undefined : await readLayout(maps);
  return (sink) => createDecoder(begins, sink, { layout });
}

/** Layouts are short; a file that is longer is none. */
const layoutLimit = 2 ** 24;

async function readLayout(path: string): Promise<ValgrindLayout> {
  const input = await openTraceInput(path);
  try {
    const blocks: Buffer[] = [];
    let byteCount = 0;
    for await (const block of input.chunks) {
      byteCount += block.length;
      if (byteCount > layoutLimit)
        throw refusal(input.name, `a layout of at most ${formatCount(layoutLimit)} bytes`, "a longer file", layoutLimit);
      blocks.push(Buffer.from(block));
    }
    return parseValgrindLayout(Buffer.concat(blocks).toString("utf8"));
  } catch (reason) {
    throw badTraceRefusal(input.name, reason) ?? reason;
  } finally {
    await input.close();
  }
}

function badTraceRefusal(name: string, reason: unknown): Refusal | undefined {
  if (reason instanceof BadTrace) {
    const place = reason.line === undefined ? reason.offset : `${reason.offset} (line ${reason.line})`;
    return refusal(name, reason.expected, reason.found, place);
  }
  if (reason instanceof OutOfFrames) {
    const found = `all ${formatCount(reason.frameCount)} frames (${reason.frameCount / 256} MiB) in use`;
    return new Refusal(`--ram: expected room for what the trace touches, found ${found}`);
  }
  return undefined;
}
