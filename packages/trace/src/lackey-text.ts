// The decoder of lackey's text: accesses are parsed from bytes by hand, everything else as text.

import type { Area } from "@pagelapse/vma";
import { BadTrace } from "./bad-trace.ts";
import { FinalCheck } from "./final-check.ts";
import { LackeyAreas } from "./lackey-areas.ts";
import { compareLayout } from "./layout-check.ts";
import type { LayoutResult } from "./layout-check.ts";
import { ProgramMemory } from "./program-memory.ts";
import { SystemCallLines } from "./system-call-line.ts";
import type { TraceChunk } from "./trace-chunks.ts";
import type { TraceDecoder } from "./trace-decoder.ts";
import type { TraceSink } from "./trace-sink.ts";
import type { ValgrindLayout } from "./valgrind-layout.ts";

/*
 *     I  04a6dc40,5            an instruction and its length
 *      L 1fff0007b8,8          a load, and its length
 *      S 1fff0007b8,8          a store
 *      M 04033e06,1            both, by one instruction
 *     SYSCALL[32208,1](12) sys_brk ( 0x0 ) --> [pre-success] Success(0x4035000)
 *     ==32208== text           Valgrind's; also --32208-- text, and `SB` lines
 *
 * Addresses have at least 8 hexadecimal digits. After `clone` an access may stand at the end of the SYSCALL line.
 * Valgrind 3.19, lackey/lk_main.c: `trace_instr`, `trace_load`, ...; coregrind/m_syswrap/syswrap-main.c.
 */

/** Bytes of a line at most. */
const lineLimit = 16_384;
/** Bytes of an access at most: lackey's MAX_DSIZE. */
const sizeLimit = 512;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const COMMA = 0x2c;
const I = 0x49;
const L = 0x4c;
const M = 0x4d;
const S = 0x53;
/** Other than `I`, which stands at the margin: what stands for the kind of a line is a letter after a space, or this. */
const INSTRUCTION = 1;

/** Value of each byte as a hexadecimal digit in small letters; 255: none. */
const digits = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 16; digit++) digits[digit.toString(16).charCodeAt(0)] = digit;

const glued = /\) ((?:I {2}| [LSM] )[0-9a-f]{8,},[0-9]+)$/;

/**
 * Decodes lackey's text into a sink. The text has no values: the bytes of a store are derived from the number of its
 * line, the same on every run. The origin of an event is that number.
 */
export class LackeyText implements TraceDecoder {
  readonly format = "lackey-text";
  storeLimit: number = Infinity;
  stores = 0;
  loads = 0;
  readonly kernelWrites = 0;
  areasAtStart: readonly Area[] | undefined;
  layout: LayoutResult | undefined;
  readonly final: FinalCheck;
  readonly #sink: TraceSink;
  readonly #memory: ProgramMemory;
  readonly #areas: LackeyAreas;
  readonly #systemCalls: SystemCallLines;
  readonly #valgrind: ValgrindLayout | undefined;
  readonly #highest: number;
  /** The bytes of a store. */
  readonly #values: Uint32Array = new Uint32Array(16);
  #line = 0;
  #instructions = 0;
  #modifications = 0;
  #others = 0;
  /** Halves of the address of the last instruction. */
  #pcHigh = 0;
  #pcLow = 0;
  /** Where the next line begins, and whether some of it has come. */
  #next = 0;
  #isCut = false;

  constructor(sink: TraceSink, valgrind: ValgrindLayout | undefined) {
    this.#sink = sink;
    this.#valgrind = valgrind;
    this.#memory = new ProgramMemory(sink, valgrind === undefined ? "inferred" : "known");
    this.#areas = new LackeyAreas(sink, this.#memory, valgrind?.startup);
    this.#systemCalls = new SystemCallLines(this.#memory, (call) => this.#areas.systemCall(call));
    this.#highest = Math.floor((sink.architecture.taskSize - 1) / 2 ** 32);
    this.final = new FinalCheck(sink);
  }

  get counts(): readonly (readonly [string, number])[] {
    const all = [
      ["instructions", this.#instructions],
      ["loads", this.loads - this.#modifications],
      ["stores", this.stores - this.#modifications],
      ["modifications", this.#modifications],
      ["system calls", this.#systemCalls.count],
      ["other lines", this.#others],
    ] as const;
    return all.filter(([, count]) => count > 0);
  }

  decode(chunk: TraceChunk, from: number): number {
    if (this.areasAtStart === undefined) {
      this.#areas.begin();
      this.areasAtStart = this.#sink.space.areas;
    }
    const end = this.#wholeLines(chunk, from);
    let at = from;
    while (at < end && this.stores < this.storeLimit) {
      at = this.#takeAccesses(chunk, at, end);
      if (at < end && this.stores < this.storeLimit) at = this.#takeOther(chunk, at);
    }
    this.#next = chunk.offset + at;
    this.#isCut = at < chunk.end;
    if (at === end && chunk.end - at > lineLimit) {
      this.#memory.place = { offset: this.#next, line: this.#line + 1 };
      throw this.#memory.bad(`a line of at most ${lineLimit} bytes`, "a longer one");
    }
    return at;
  }

  end(): void {
    if (this.#isCut)
      throw new BadTrace({ offset: this.#next, line: this.#line + 1 }, "the end of the line", "the end of the trace");
    const atExit = this.#valgrind?.shutdown;
    if (atExit !== undefined) this.layout = compareLayout(this.#sink.space.areas, atExit);
  }

  /** Index after the last line that has come whole. */
  #wholeLines(chunk: TraceChunk, from: number): number {
    let end = chunk.end;
    while (end > from && chunk.bytes[end - 1] !== NEWLINE) end -= 1;
    return end;
  }

  /** The hot loop: accesses. Stops before any other line, and at the limit. */
  #takeAccesses(chunk: TraceChunk, from: number, end: number): number {
    const bytes = chunk.bytes;
    const sink = this.#sink;
    const highest = this.#highest;
    let at = from;
    const values = this.#values;
    const wanted = Math.min(this.storeLimit - this.stores, 0x3fff_ffff);
    let line = this.#line;
    let pcHigh = this.#pcHigh;
    let pcLow = this.#pcLow;
    let instructions = 0;
    let loads = 0;
    let stores = 0;
    let modifications = 0;
    while (at < end) {
      const first = bytes[at];
      const second = bytes[at + 1];
      const kind = first === SPACE ? second : first === I && second === SPACE ? INSTRUCTION : 0;
      if (bytes[at + 2] !== SPACE || (kind !== INSTRUCTION && kind !== L && kind !== S && kind !== M)) break;

      const d0 = digits[bytes[at + 3]];
      const d1 = digits[bytes[at + 4]];
      const d2 = digits[bytes[at + 5]];
      const d3 = digits[bytes[at + 6]];
      const d4 = digits[bytes[at + 7]];
      const d5 = digits[bytes[at + 8]];
      const d6 = digits[bytes[at + 9]];
      const d7 = digits[bytes[at + 10]];
      if ((d0 | d1 | d2 | d3 | d4 | d5 | d6 | d7) > 15) break;
      let low = (d0 << 28) | (d1 << 24) | (d2 << 20) | (d3 << 16) | (d4 << 12) | (d5 << 8) | (d6 << 4) | d7;
      let high = 0;
      let p = at + 11;
      let digit = digits[bytes[p]];
      while (digit < 16) {
        high = (high << 4) | (low >>> 28);
        low = (low << 4) | digit;
        p += 1;
        digit = digits[bytes[p]];
      }
      const digitCount = p - at - 3;
      if (bytes[p] !== COMMA || digitCount < 8 || digitCount > 12 || high > highest) break;
      p += 1;
      let size = 0;
      digit = digits[bytes[p]];
      while (digit < 10) {
        size = size * 10 + digit;
        p += 1;
        digit = digits[bytes[p]];
      }
      if (bytes[p] !== NEWLINE || size === 0 || size > sizeLimit) break;

      const start = at;
      at = p + 1;
      line += 1;
      if (kind === INSTRUCTION) {
        instructions += 1;
        pcHigh = high;
        pcLow = low;
        continue;
      }
      sink.programCounter(pcHigh * 0x1_0000_0000 + (pcLow >>> 0));
      sink.startChunk(line);
      if (kind !== S) {
        loads += 1;
        if (sink.load(high, low, size) < 0) this.#loadSlowly(chunk.offset + start, line, high, low, size);
        if (kind === L) continue;
        modifications += 1;
      }
      values[0] = Math.imul(line ^ (line >>> 15), 0x85eb_ca6b);
      values[1] = Math.imul(values[0] ^ (values[0] >>> 13), 0xc2b2_ae35);
      if (size > 8 || sink.store(high, low, values, 0, size) < 0) this.#storeSlowly(chunk.offset + start, line, high, low, size);
      stores += 1;
      if (stores === wanted) break;
    }
    this.#line = line;
    this.#pcHigh = pcHigh;
    this.#pcLow = pcLow;
    this.#instructions += instructions;
    this.#modifications += modifications;
    this.loads += loads;
    this.stores += stores;
    return at;
  }

  #loadSlowly(offset: number, line: number, high: number, low: number, size: number): void {
    this.#memory.place = { offset, line };
    do this.#areas.touch("read");
    while (this.#sink.load(high, low, size) < 0);
  }

  /** A store that is long, or was refused: in pieces, each tried again when its page has been inferred. */
  #storeSlowly(offset: number, line: number, high: number, low: number, size: number): void {
    this.#memory.place = { offset, line };
    const values = this.#values;
    for (let i = 2; i < values.length; i++) values[i] = Math.imul(values[i - 1] ^ i, 0x9e37_79b1);
    const vaddr = high * 0x1_0000_0000 + (low >>> 0);
    for (let done = 0; done < size; done += 64) {
      const at = vaddr + done;
      const count = Math.min(64, size - done);
      while (this.#sink.store(Math.floor(at / 0x1_0000_0000), at & 0xffff_ffff, values, 0, count) < 0) this.#areas.touch("write");
    }
  }

  /** Any line that the hot loop leaves. An access that is glued to it is left to the hot loop, as a line of its own. */
  #takeOther(chunk: TraceChunk, at: number): number {
    const newline = chunk.bytes.indexOf(NEWLINE, at);
    this.#memory.place = { offset: chunk.offset + at, line: this.#line + 1 };
    this.#sink.startChunk(this.#line + 1);
    if (newline - at > lineLimit) throw this.#memory.bad(`a line of at most ${lineLimit} bytes`, `one of ${newline - at}`);
    const text = new TextDecoder().decode(chunk.bytes.subarray(at, newline));
    const access = glued.exec(text)?.[1];
    if (text.startsWith("SYSCALL[") || text.startsWith(" --> ")) {
      this.#systemCalls.take(access === undefined ? text : text.slice(0, -access.length));
      if (access !== undefined) return newline - access.length;
    } else if (/^(==|--|SB |$)/.test(text)) {
      this.#others += 1;
    } else {
      throw this.#memory.bad("an access or another line of lackey's text", JSON.stringify(text.slice(0, 60)));
    }
    this.#line += 1;
    return newline + 1;
  }
}
