// One stage, measured in a process of its own: `node stage.js STAGE FILE` prints stores or lines a second.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Machine } from "@pagelapse/kernel";
import { TraceChunks, createDecoder } from "@pagelapse/trace";
import type { StageName } from "./figure.ts";

/** Passes go on until there were so many stores, or lines of text. */
const enough = 20e6;
/** 64 MiB: room for every trace here. */
const frameCount = 2 ** 14;
/** Of a recorded stream; it stands once, before the first record. */
const magicBytes = 8;
const blockBytes = 2 ** 20;

/** A machine that stores and loads nothing: what is left is reading and decoding. */
class IdleMachine extends Machine {
  override store(): number {
    return 0;
  }
  override load(): number {
    return 0;
  }
}

const [stage, path] = process.argv.slice(2) as [StageName, string];
const file = readFileSync(path);
const unpacked = file[0] === 0x1f ? gunzipSync(file) : file;
const isStream = unpacked.toString("latin1", 0, magicBytes) === "VMERREC1";
const bytes = isStream ? unpacked : accessLines(unpacked);
const machine = stage === "decoded" ? new IdleMachine({ frameCount }) : new Machine({ frameCount });
let events = 0;
if (stage === "subscribed") machine.batches$.subscribe((batch) => (events += batch.count));
const decoder = createDecoder(bytes, machine);
const chunks = new TraceChunks();

feed(0);
const warm = progress();
const begun = performance.now();
while (progress() - warm < enough) feed(isStream ? magicBytes : 0);
const perSecond = ((progress() - warm) / (performance.now() - begun)) * 1000;
decoder.end();
machine.flush();
if (stage !== "decoded" && decoder.final.wrongBytes > 0) throw new Error(`${decoder.final.wrongBytes} wrong bytes`);
if (stage === "subscribed" && events < decoder.stores) throw new Error(`${events} events of ${decoder.stores} stores`);
process.stdout.write(`${perSecond}\n`);

/** The trace once more; the records of a stream, from this byte on, map everything anew. */
function feed(from: number): void {
  for (let at = from; at < bytes.length; at += blockBytes) {
    chunks.feed(bytes.subarray(at, at + blockBytes), (chunk) => decoder.decode(chunk, chunk.start));
  }
}

/** Stores so far, or lines of text. */
function progress(): number {
  return isStream ? decoder.stores : decoder.counts.reduce((sum, [, count]) => sum + count, 0);
}

/** Lackey's text without its system calls, which could not happen over and over. */
function accessLines(text: Buffer): Buffer {
  const lines = text.toString("latin1").split("\n");
  return Buffer.from(`${lines.filter((line) => /^(I | [LSM]) /.test(line)).join("\n")}\n`, "latin1");
}
