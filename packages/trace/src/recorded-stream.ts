// The decoder of recorded streams: stores go straight from the chunk into the sink, everything rare by a call of its own.

import { frameBytes } from "@pagelapse/mmu";
import type { Area } from "@pagelapse/vma";
import { hex } from "./bad-trace.ts";
import { FinalCheck } from "./final-check.ts";
import type { FinalResult } from "./final-check.ts";
import { ProgramMemory } from "./program-memory.ts";
import { magic, recordNames, records } from "./record.ts";
import type { RecordName } from "./record.ts";
import { RareRecords } from "./rare-records.ts";
import type { Payload } from "./record-bytes.ts";
import type { TraceChunk } from "./trace-chunks.ts";
import type { TraceDecoder } from "./trace-decoder.ts";
import type { TraceSink } from "./trace-sink.ts";

const LOAD = records.LOAD.type;
const STORE = records.STORE.type;
const INSTR = records.INSTR.type;
const PC = records.PC.type;
const START = records.START.type;

/** Decodes `*.mr` into a sink. The origin of an event is the offset of its record. */
export class RecordedStream implements TraceDecoder {
  readonly format = "recorded-stream";
  readonly layout = undefined;
  storeLimit: number = Infinity;
  stores = 0;
  loads = 0;
  areasAtStart: readonly Area[] | undefined;
  readonly #sink: TraceSink;
  readonly #memory: ProgramMemory;
  readonly #final: FinalCheck;
  readonly #rare: RareRecords;
  readonly #taskSize: number;
  /** High half of the highest address there is. */
  readonly #highest: number;
  /** Records by type. */
  readonly #counts: Float64Array = new Float64Array(256);
  /** The record whose bytes are being taken. */
  #open: OpenRecord | undefined;
  #magicTaken = false;
  /** What the last chunk lacked. */
  #missing: { readonly offset: number; readonly what: string; readonly byteCount: number } | undefined;

  constructor(sink: TraceSink) {
    this.#sink = sink;
    this.#memory = new ProgramMemory(sink, "known");
    this.#final = new FinalCheck(sink);
    this.#rare = new RareRecords(sink, this.#memory, this.#final);
    this.#taskSize = sink.architecture.taskSize;
    this.#highest = Math.floor((this.#taskSize - 1) / 2 ** 32);
  }

  get kernelWrites(): number {
    return this.#counts[records.KERNEL_WRITE.type] + this.#counts[records.SIGNAL_FRAME.type];
  }
  get counts(): readonly (readonly [string, number])[] {
    this.#counts[STORE] = this.stores;
    this.#counts[LOAD] = this.loads;
    return Object.entries(records)
      .map(([name, { type }]) => [name, this.#counts[type]] as const)
      .filter(([, count]) => count > 0);
  }
  get final(): FinalResult {
    return this.#final;
  }

  decode(chunk: TraceChunk, from: number): number {
    let at = from;
    this.#missing = undefined;
    if (!this.#magicTaken) at = this.#takeMagic(chunk, at);
    while (this.#missing === undefined) {
      if (this.#open !== undefined) {
        at = this.#takeBytes(chunk, at, this.#open);
      } else {
        at = this.#takeAccesses(chunk, at);
        if (this.stores >= this.storeLimit || at === chunk.end) break;
        at = this.#takeRare(chunk, at);
      }
    }
    return at;
  }

  end(): void {
    if (this.#missing === undefined && !this.#magicTaken) this.#miss(0, `the magic ${magic}`, magic.length, 0);
    const missing = this.#missing;
    if (missing !== undefined) {
      this.#memory.place = { offset: missing.offset, line: undefined };
      throw this.#memory.bad(`${missing.byteCount} more bytes of ${missing.what}`, "the end of the trace");
    }
    this.areasAtStart ??= this.#sink.space.areas;
    this.#final.end();
  }

  /** The hot loop: stores, and what else of the program comes often. Stops before anything else, and at the limit. */
  #takeAccesses(chunk: TraceChunk, from: number): number {
    const sink = this.#sink;
    const words = chunk.words;
    const highest = this.#highest;
    const end = chunk.end >>> 2;
    const wanted = Math.min(this.storeLimit - this.stores, 0x3fff_ffff);
    let at = from >>> 2;
    let stores = 0;
    let counters = 0;
    let loads = 0;
    let instructions = 0;
    if (at + 2 <= end && words[at + 1] >>> 24 !== START) this.areasAtStart ??= sink.space.areas;
    sink.startChunk(chunk.offset - 8);
    while (at + 2 <= end && stores < wanted) {
      const head = words[at + 1];
      const type = head >>> 24;
      const high = head & 0xffff;
      if (high > highest) break;
      if (type === STORE) {
        const size = (head >>> 16) & 0xff;
        const next = at + 2 + ((size + 7) >>> 3) * 2;
        if (next > end || size === 0 || size > 64) break;
        if (sink.store(high, words[at] | 0, words, at + 2, size) < 0) throw this.#refused(chunk.offset + at * 4, "write");
        stores += 1;
        at = next;
      } else if (type === PC) {
        sink.programCounter(high * 0x1_0000_0000 + words[at]);
        counters += 1;
        at += 2;
      } else if (type === LOAD) {
        const size = (head >>> 16) & 0xff;
        if (size === 0) break;
        sink.startChunk(chunk.offset + at * 4);
        if (sink.load(high, words[at] | 0, size) < 0) throw this.#refused(chunk.offset + at * 4, "read");
        sink.startChunk(chunk.offset - 8);
        loads += 1;
        at += 2;
      } else if (type === INSTR) {
        sink.programCounter(high * 0x1_0000_0000 + words[at]);
        instructions += 1;
        at += 2;
      } else break;
    }
    this.stores += stores;
    this.loads += loads;
    this.#counts[PC] += counters;
    this.#counts[INSTR] += instructions;
    return at * 4;
  }

  /** Any record that the hot loop leaves: one that is rare, wrong, or has not come whole. */
  #takeRare(chunk: TraceChunk, at: number): number {
    const offset = chunk.offset + at;
    const memory = this.#memory;
    memory.place = { offset, line: undefined };
    if (chunk.end - at < 8) return this.#miss(offset, "a record's header", 8 - (chunk.end - at), at);
    const head = chunk.words[(at >>> 2) + 1];
    const name = recordNames.get(head >>> 24);
    if (name === undefined) throw memory.bad("a type of record", hex(head >>> 24));
    const size = (head >>> 16) & 0xff;
    const address = (head & 0xffff) * 0x1_0000_0000 + chunk.words[at >>> 2];
    if (name === "LOAD" || name === "STORE" || name === "INSTR" || name === "PC")
      return this.#checkAccess(chunk, at, name, address, size);

    const bodyAt = at + 8 + records[name].fields * 8;
    if (bodyAt > chunk.end) return this.#miss(offset, `a ${name} record`, bodyAt - chunk.end, at);
    const read = name === "SYSCALL" ? signedAt : wordAt;
    const fields = Array.from({ length: records[name].fields }, (_, index) => read(chunk, at + 8 + index * 8));
    let next = bodyAt;
    let file: string | undefined;
    if (name === "MAP" || name === "START" || name === "FINAL") {
      const nameBytes = this.#rare.checkMapping(address, fields);
      next = bodyAt + ((nameBytes + 7) & ~7);
      if (next > chunk.end) return this.#miss(offset, `a ${name} record`, next - chunk.end, at);
      if (nameBytes > 0) file = new TextDecoder().decode(chunk.bytes.subarray(bodyAt, bodyAt + nameBytes));
    }
    this.#sink.startChunk(offset);
    const payload = this.#rare.act(name, address, size, fields, file);
    if (payload !== undefined) this.#open = { name, offset, vaddr: address, left: fields[0], payload };
    this.#counts[records[name].type] += 1;
    return next;
  }

  /** An access that the hot loop leaves is wrong, or a store that has not come whole. */
  #checkAccess(chunk: TraceChunk, at: number, name: "LOAD" | "STORE" | "INSTR" | "PC", address: number, size: number): number {
    if (address >= this.#taskSize) throw this.#memory.bad(`an address below ${hex(this.#taskSize)}`, hex(address));
    if (name !== "STORE") throw this.#memory.bad("a load of 1 byte or more", "one of none");
    if (size === 0 || size > 64) throw this.#memory.bad("a store of 1 to 64 bytes", `one of ${size}`);
    return this.#miss(chunk.offset + at, "a STORE record", at + 8 + ((size + 7) & ~7) - chunk.end, at);
  }

  /** Hands on what has come of a record's bytes, page by page; a page is waited for until all of it is there. */
  #takeBytes(chunk: TraceChunk, from: number, open: OpenRecord): number {
    const { offset, payload } = open;
    this.#memory.place = { offset, line: undefined };
    let at = from;
    while (open.left > 0) {
      const count = Math.min(open.left, frameBytes - (open.vaddr & (frameBytes - 1)));
      if (at + count > chunk.end) return this.#miss(offset, `a ${open.name} record`, open.left - (chunk.end - at), at);
      payload.take(open.vaddr, chunk.bytes.subarray(at, at + count));
      open.vaddr += count;
      open.left -= count;
      at += count;
    }
    const padded = (at + 7) & ~7;
    if (padded > chunk.end) return this.#miss(offset, `the padding of a ${open.name} record`, padded - chunk.end, at);
    payload.end();
    this.#open = undefined;
    return padded;
  }

  #takeMagic(chunk: TraceChunk, at: number): number {
    for (let i = 0; i < magic.length; i++) {
      if (at + i === chunk.end) return this.#miss(0, `the magic ${magic}`, magic.length - i, at);
      if (chunk.bytes[at + i] === magic.charCodeAt(i)) continue;
      this.#memory.place = { offset: 0, line: undefined };
      throw this.#memory.bad(
        `the magic ${magic}`,
        JSON.stringify(String.fromCharCode(...chunk.bytes.subarray(at, Math.min(at + 8, chunk.end)))),
      );
    }
    this.#magicTaken = true;
    return at + magic.length;
  }

  #miss(offset: number, what: string, byteCount: number, at: number): number {
    this.#missing = { offset, what, byteCount };
    return at;
  }

  #refused(offset: number, access: "read" | "write"): Error {
    const fault = this.#sink.lastFault;
    this.#memory.place = { offset, line: undefined };
    return this.#memory.badAccess(access, fault?.vaddr ?? 0, fault?.reason ?? "unmapped");
  }
}

/** A record whose bytes come in pieces. */
interface OpenRecord {
  readonly name: RecordName;
  readonly offset: number;
  /** Address of the next byte, and how many are left. */
  vaddr: number;
  left: number;
  readonly payload: Payload;
}

/** A field: an unsigned number, exact below 2^53. */
function wordAt(chunk: TraceChunk, at: number): number {
  return chunk.words[(at >>> 2) + 1] * 0x1_0000_0000 + chunk.words[at >>> 2];
}

/** A field in two's complement, exact down to -2^53. */
function signedAt(chunk: TraceChunk, at: number): number {
  return (chunk.words[(at >>> 2) + 1] | 0) * 0x1_0000_0000 + chunk.words[at >>> 2];
}
