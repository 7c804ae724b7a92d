// The decoder of recorded streams: stores go straight from the chunk into the sink, everything rare by a call of its own.

import type { Area } from "@pagelapse/vma";
import { hex } from "./bad-trace.ts";
import { FinalCheck } from "./final-check.ts";
import type { FinalResult } from "./final-check.ts";
import { pageStart, ProgramMemory } from "./program-memory.ts";
import { CONTENT_FOLLOWS, magic, recordNames, records } from "./record.ts";
import type { RecordName } from "./record.ts";
import { RecordEffects } from "./record-effects.ts";
import type { Payload } from "./record-effects.ts";
import type { TraceChunk } from "./trace-chunks.ts";
import type { TraceDecoder } from "./trace-decoder.ts";
import type { TraceSink } from "./trace-sink.ts";

/** Bytes of a file's name at most: Linux's PATH_MAX. */
const nameLimit = 4096;
/** Mapped files are no longer than this. */
const fileLimit = 2 ** 47;
const pageBytes = 4096;

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
  readonly #effects: RecordEffects;
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
    this.#effects = new RecordEffects(sink, this.#memory, this.#final);
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
    const fields = Array.from({ length: records[name].fields }, (_, index) => at + 8 + index * 8);
    this.#sink.startChunk(offset);
    let next = bodyAt;
    if (name === "MAP" || name === "START" || name === "FINAL") {
      next = this.#takeMapping(
        chunk,
        at,
        bodyAt,
        name,
        address,
        fields.map((field) => wordAt(chunk, field)),
      );
    } else if (name === "SYSCALL") {
      this.#effects.systemCall(
        address,
        size,
        fields.map((field) => signedAt(chunk, field)),
      );
    } else {
      this.#takeRange(
        offset,
        name,
        address,
        fields.map((field) => wordAt(chunk, field)),
      );
    }
    if (this.#missing === undefined) this.#counts[records[name].type] += 1;
    return next;
  }

  /** An access that the hot loop leaves is wrong, or a store that has not come whole. */
  #checkAccess(chunk: TraceChunk, at: number, name: "LOAD" | "STORE" | "INSTR" | "PC", address: number, size: number): number {
    if (address >= this.#taskSize) throw this.#memory.bad(`an address below ${hex(this.#taskSize)}`, hex(address));
    if (name !== "STORE") throw this.#memory.bad("a load of 1 byte or more", "one of none");
    if (size === 0 || size > 64) throw this.#memory.bad("a store of 1 to 64 bytes", `one of ${size}`);
    return this.#miss(chunk.offset + at, "a STORE record", at + 8 + ((size + 7) & ~7) - chunk.end, at);
  }

  #takeMapping(
    chunk: TraceChunk,
    at: number,
    nameAt: number,
    name: "MAP" | "START" | "FINAL",
    start: number,
    fields: readonly number[],
  ): number {
    const memory = this.#memory;
    const [byteCount, protAndMore, fileOffset, nameBytes] = fields;
    this.#checkRange(start, byteCount);
    if (protAndMore > 0x1ff || (protAndMore & ~(7 | CONTENT_FOLLOWS)) !== 0)
      throw memory.bad("protection bits 1, 2, 4 and 0x100", hex(protAndMore));
    if (fileOffset + byteCount > fileLimit)
      throw memory.bad(`a file of at most ${hex(fileLimit)} bytes`, `bytes ${hex(fileOffset)} and on`);
    if (nameBytes > nameLimit) throw memory.bad(`a name of at most ${nameLimit} bytes`, `one of ${nameBytes}`);
    const next = nameAt + Math.ceil(nameBytes / 8) * 8;
    if (next > chunk.end) return this.#miss(chunk.offset + at, `a ${name} record`, next - chunk.end, at);
    const file = nameBytes === 0 ? undefined : new TextDecoder().decode(chunk.bytes.subarray(nameAt, nameAt + nameBytes));
    const mapping = { start, byteCount, prot: protAndMore & 7, file, offset: fileOffset };
    if ((protAndMore & CONTENT_FOLLOWS) === 0) {
      if (name === "FINAL") this.#effects.final(mapping);
      else memory.map(mapping);
    } else {
      const payload = name === "FINAL" ? this.#effects.final(mapping) : this.#effects.mapWithContent(mapping, name);
      this.#open = { name, offset: chunk.offset + at, vaddr: start, left: byteCount, payload };
    }
    return next;
  }

  /** A record about a range of addresses. */
  #takeRange(
    offset: number,
    name: Exclude<RecordName, "LOAD" | "STORE" | "INSTR" | "PC" | "MAP" | "START" | "FINAL" | "SYSCALL">,
    start: number,
    fields: readonly number[],
  ): void {
    const memory = this.#memory;
    const byteCount = name === "REMAP" ? fields[1] : fields[0];
    this.#checkRange(start, byteCount);
    const open = (payload: Payload): void => {
      this.#open = { name, offset, vaddr: start, left: byteCount, payload };
    };
    switch (name) {
      case "UNMAP":
        return memory.unmap(start, byteCount);
      case "PROTECT":
        if (fields[1] > 7) throw memory.bad("protection bits 1, 2 and 4", hex(fields[1]));
        return memory.protect(start, byteCount, fields[1]);
      case "BRK_UP":
        return memory.growBreak(start, byteCount);
      case "BRK_DOWN":
        return memory.shrinkBreak(start, byteCount);
      case "REMAP":
        this.#checkRange(fields[0], byteCount);
        return memory.move(start, fields[0], byteCount);
      case "ZERO":
        return memory.discard(start, byteCount);
      case "KERNEL_WRITE":
      case "SIGNAL_FRAME":
        return open(this.#effects.kernelWrite());
      case "CONTENT":
        return open(this.#effects.content(start, byteCount));
    }
  }

  #checkRange(start: number, byteCount: number): void {
    const taskSize = this.#taskSize;
    if (start >= taskSize) throw this.#memory.bad(`an address below ${hex(taskSize)}`, hex(start));
    if (byteCount === 0) throw this.#memory.bad("1 byte or more", "none");
    if (byteCount > taskSize - start)
      throw this.#memory.bad(`at most ${hex(taskSize - start)} bytes from ${hex(start)} on`, hex(byteCount));
  }

  /** Hands on what has come of a record's bytes, page by page; a page is waited for until all of it is there. */
  #takeBytes(chunk: TraceChunk, from: number, open: OpenRecord): number {
    const { offset, payload } = open;
    this.#memory.place = { offset, line: undefined };
    let at = from;
    while (open.left > 0) {
      const count = Math.min(open.left, pageBytes - (open.vaddr - pageStart(open.vaddr)));
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
