// What a recorded program did to its address space, as commands for the machine: the rules of a trace.

import { peekPage } from "@pagelapse/checkpoint";
import type { Command } from "@pagelapse/kernel";
import { frameBytes } from "@pagelapse/mmu";
import {
  MADV_DONTNEED,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_GROWSDOWN,
  MAP_PRIVATE,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PROT_READ,
  PROT_WRITE,
  areaAt,
  protOf,
} from "@pagelapse/vma";
import { BadTrace, hex } from "./bad-trace.ts";
import type { TracePlace } from "./bad-trace.ts";
import type { TraceSink } from "./trace-sink.ts";

/** A mapping as a trace gives it. Addresses need not stand at the start of a page: what is mapped is whole pages around them. */
export interface TracedMapping {
  readonly start: number;
  readonly byteCount: number;
  /** PROT_* */
  readonly prot: number;
  /** Label of the file; `undefined`: anonymous. */
  readonly file: string | undefined;
  /** Bytes into the file. */
  readonly offset: number;
  /** The file's label when left out. */
  readonly name?: string;
  /** MAP_* beside those that are implied. */
  readonly flags?: number;
}

/** Start of the page that holds an address. */
export function pageStart(address: number): number {
  return address - (address & (frameBytes - 1));
}

/** The address itself if a page starts there, else the start of the next page. */
export function pageEnd(address: number): number {
  return pageStart(address + frameBytes - 1);
}

/** The memory of the program in a machine. What the machine refuses is `BadTrace` at `place`. */
export class ProgramMemory {
  /** The record or line at work. */
  place: TracePlace = { offset: 0, line: undefined };
  readonly #sink: TraceSink;
  readonly #areas: "known" | "inferred";

  /** Where areas are only inferred, a call that the machine refuses is passed over: it may be about pages never seen. */
  constructor(sink: TraceSink, areas: "known" | "inferred") {
    this.#sink = sink;
    this.#areas = areas;
  }

  /** Maps; what was there is gone. */
  map(mapping: TracedMapping): void {
    const { start, byteCount, prot, file, name = file ?? "" } = mapping;
    const first = pageStart(start);
    const flags = MAP_FIXED | MAP_PRIVATE | (mapping.flags ?? 0);
    const range = { kind: "map-memory", start: first, byteCount: pageEnd(start + byteCount) - first, prot, name } as const;
    if (file === undefined) this.execute({ ...range, flags: flags | MAP_ANONYMOUS });
    else this.execute({ ...range, flags, file, offset: mapping.offset - (start - first) });
  }

  /** Maps a stack: it grows down when it is touched below its start. */
  mapStack(start: number, byteCount: number, prot: number): void {
    this.map({ start, byteCount, prot, file: undefined, offset: 0, name: "[stack]", flags: MAP_GROWSDOWN });
  }

  /** Maps the page of an address that was touched, of which nothing is known. Says whether there can be one. */
  infer(vaddr: number): boolean {
    const prot = PROT_READ | PROT_WRITE;
    const flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS;
    const page = { kind: "map-memory", start: pageStart(vaddr), byteCount: frameBytes, prot, flags, name: "[inferred]" } as const;
    return this.#sink.execute(page).kind === "done";
  }

  unmap(start: number, byteCount: number): void {
    this.execute({ kind: "unmap-memory", ...pagesAround(start, byteCount) });
  }

  protect(start: number, byteCount: number, prot: number): void {
    this.execute({ kind: "protect-memory", ...pagesAround(start, byteCount), prot });
  }

  /** `mremap` moved these bytes; where they were nothing is mapped any more. */
  move(start: number, to: number, byteCount: number): void {
    this.resize(start, byteCount, byteCount, to);
  }

  /** `mremap` made `oldBytes` at `start` to `newBytes` at `to`, which may be `start`. */
  resize(start: number, oldBytes: number, newBytes: number, to: number): void {
    const flags = to === start ? 0 : MREMAP_MAYMOVE | MREMAP_FIXED;
    this.execute({ kind: "move-memory", start, oldBytes, newBytes, flags, to });
  }

  /** `madvise` */
  advise(start: number, byteCount: number, advice: number): void {
    this.execute({ kind: "advise-memory", start, byteCount, advice });
  }

  /** `madvise(MADV_DONTNEED)` */
  discard(start: number, byteCount: number): void {
    this.advise(start, byteCount, MADV_DONTNEED);
  }

  /**
   * The break grew over this range, which is zero then. It grows as what holds its start allows, else as what ends there:
   * a break begins with some pages, and its first growth may start inside them.
   */
  growBreak(start: number, byteCount: number): void {
    const { areas } = this.#sink.space;
    const area = areaAt(areas, start) ?? areaAt(areas, start - 1);
    if (area === undefined && this.#areas === "known")
      throw this.bad("a mapping for the break to grow from", `${hex(start)} (unmapped)`);
    const prot = area === undefined ? PROT_READ | PROT_WRITE : protOf(area.flags);
    const end = start + byteCount;
    const first = pageEnd(start);
    const last = pageEnd(end);
    this.#zero(start, Math.min(first, end));
    if (last > first) this.map({ start: first, byteCount: last - first, prot, file: undefined, offset: 0, name: "[heap]" });
  }

  /** The break shrank from this range. Valgrind keeps the pages mapped, and makes the range zero. */
  shrinkBreak(start: number, byteCount: number): void {
    const end = start + byteCount;
    const first = pageEnd(start);
    const last = pageStart(end);
    this.#zero(start, Math.min(first, end));
    if (last > first) this.discard(first, last - first);
    if (last >= first) this.#zero(last, end);
  }

  /** The program asked this of its kernel. */
  noteSystemCall(call: Omit<Extract<Command, { kind: "note-system-call" }>, "kind">): void {
    this.execute({ kind: "note-system-call", ...call });
  }

  /** The kernel stored into the process. */
  kernelStore(vaddr: number, bytes: Uint8Array): void {
    this.execute({ kind: "kernel-store", vaddr, bytes });
  }

  /** Executes, and throws when the program's own kernel did what the machine will not. */
  execute(command: Command): void {
    const result = this.#sink.execute(command);
    if (result.kind === "failed" && this.#areas === "known") throw this.bad(`a ${command.kind} that succeeds`, result.errno);
    if (result.kind === "faulted") throw this.badAccess("write", result.fault.vaddr, result.fault.reason);
  }

  /** An access that the machine refused. */
  badAccess(access: "read" | "write", vaddr: number, reason: string): BadTrace {
    return this.bad(`an address inside a ${access === "write" ? "writable" : "readable"} area`, `${hex(vaddr)} (${reason})`);
  }

  bad(expected: string, found: string): BadTrace {
    return new BadTrace(this.place, expected, found);
  }

  /** Zeroes bytes of one page; one that holds zeros there already is not touched. */
  #zero(start: number, end: number): void {
    if (start >= end) return;
    const page = new Uint8Array(frameBytes);
    const first = pageStart(start);
    if (peekPage(this.#sink, first, page) === "unmapped") return;
    if (page.subarray(start - first, end - first).some((byte) => byte !== 0))
      this.kernelStore(start, new Uint8Array(end - start));
  }
}

function pagesAround(start: number, byteCount: number): { start: number; byteCount: number } {
  const first = pageStart(start);
  return { start: first, byteCount: pageEnd(start + byteCount) - first };
}
