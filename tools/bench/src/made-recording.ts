// Recordings to ask: of stores that nobody ran, scattered as no program does it, and of real streams, repeated.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { EventLog, catalogue } from "@pagelapse/events";
import { Machine } from "@pagelapse/kernel";
import { Recorder } from "@pagelapse/replay";
import { openFileSink } from "@pagelapse/replay/node";
import { TraceChunks, createDecoder } from "@pagelapse/trace";

/** 256 MiB. */
const frameCount = 2 ** 16;
const tlb = { sets: 64, ways: 4 };
const magicBytes = 8;
const chunkBytes = 2 ** 20;
const pageBytes = 4096;
/** One store in so many is the kernel's: a kind that is rare, and in most segments. */
const rareEvery = 5_000_011;

/** Where the stores of a made history go: to any frame alike; or seven of eight to one. */
export type Pattern = "random" | "hot";

/** Records so many 8-byte stores of noise to 65,536 frames, by a thousand instructions. */
export function writeMadeRecording(path: string, pattern: Pattern, events: number): void {
  const sink = openFileSink(path);
  const machine = { architecture: "x86-64", ramFrames: frameCount, swapFrames: 0, processors: 1, tlb };
  const recorder = new Recorder({ sink, machine });
  const log = new EventLog();
  recorder.listen(log);
  const random = noise(0x12345);
  const words = new Uint32Array(2);
  const kernelBytes = new Uint8Array(8);
  for (let event = 0; event < events; event++) {
    const where = random();
    const how = random();
    const isHot = pattern === "hot" && (where & 7) !== 0;
    const paddr = (isHot ? 77 : (where >>> 8) & (frameCount - 1)) * pageBytes + (how & 511) * 8;
    words[0] = random();
    words[1] = where ^ how;
    log.site = 0x40_0000_0000 + ((how >>> 20) % 1000) * 4;
    log.originBase = event * 16;
    if (event % rareEvery === rareEvery - 1)
      log.bytes(catalogue["kernel-store"].code, 0x7f00_0000_0000 + paddr, paddr, kernelBytes);
    else log.store(0x7f00, paddr, paddr, words, 0, 8);
  }
  log.flush();
  recorder.close();
  sink.close();
}

/** Records a machine that runs a recorded stream, gzip, so many times over. */
export function writeStreamRecording(path: string, stream: string, times: number): void {
  const bytes = gunzipSync(readFileSync(stream));
  const sink = openFileSink(path);
  const machine = { architecture: "x86-64", ramFrames: frameCount, swapFrames: 0, processors: 1, tlb };
  const recorder = new Recorder({ sink, machine });
  const log = new EventLog();
  recorder.listen(log);
  const live = new Machine({ frameCount, log });
  const decoder = createDecoder(bytes, live);
  const chunks = new TraceChunks();
  for (let time = 0; time < times; time++) {
    for (let at = time === 0 ? 0 : magicBytes; at < bytes.length; at += chunkBytes) {
      chunks.feed(bytes.subarray(at, at + chunkBytes), (chunk) => decoder.decode(chunk, chunk.start));
    }
  }
  decoder.end();
  live.flush();
  recorder.close();
  sink.close();
}

/** Numbers of 32 bits that look like chance, the same every time (xorshift). */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
