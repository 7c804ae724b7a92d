// The areas of a program that lackey traced: laid out as Valgrind printed them, or inferred, and changed by system calls.

import type { ProgramMemory } from "./program-memory.ts";
import type { SystemCall } from "./system-call-line.ts";
import type { TraceSink } from "./trace-sink.ts";
import type { LayoutSegment } from "./valgrind-layout.ts";

/** As x86-64 Linux numbers them. */
const calls = { open: 2, close: 3, mmap: 9, mprotect: 10, munmap: 11, brk: 12, mremap: 25, madvise: 28, openat: 257 } as const;

/** Arguments of mmap that matter here. */
const MAP_ANONYMOUS = 0x20;

/** Names of open files that are kept; what else is mapped is named by its descriptor. */
const nameLimit = 1024;

/** Acts for lackey's text. */
export class LackeyAreas {
  readonly #sink: TraceSink;
  readonly #memory: ProgramMemory;
  /** `undefined`: areas are inferred. */
  readonly #startup: readonly LayoutSegment[] | undefined;
  /** The program break, once a call has told. */
  #break: number | undefined;
  readonly #openFiles: Map<number, string> = new Map();

  constructor(sink: TraceSink, memory: ProgramMemory, startup: readonly LayoutSegment[] | undefined) {
    this.#sink = sink;
    this.#memory = memory;
    this.#startup = startup;
  }

  /** Maps what the program began with, as far as it is known. */
  begin(): void {
    for (const { start, end, prot, file, offset, role } of this.#startup ?? []) {
      if (role === "stack") this.#memory.mapStack(start, end - start, prot);
      else this.#memory.map({ start, byteCount: end - start, prot, file, offset });
    }
  }

  /** The machine has refused an access. Infers the page, or throws when areas are known. */
  touch(access: "read" | "write"): void {
    const fault = this.#sink.lastFault;
    const vaddr = fault?.vaddr ?? 0;
    const reason = fault?.reason ?? "unmapped";
    const mayInfer = this.#startup === undefined && reason === "unmapped";
    if (!mayInfer || !this.#memory.infer(vaddr)) throw this.#memory.badAccess(access, vaddr, reason);
  }

  /** What a call that succeeded has done to the areas, and every call as a note. */
  systemCall({ number, thread, args, text, result }: SystemCall): void {
    const memory = this.#memory;
    memory.noteSystemCall({ number, arguments: args, result, thread });
    if (result < 0) return;
    const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0] = args;
    switch (number) {
      case calls.mmap: {
        const file = (fourth & MAP_ANONYMOUS) === 0 ? (this.#openFiles.get(fifth) ?? `file descriptor ${fifth}`) : undefined;
        return memory.map({ start: result, byteCount: second, prot: third & 7, file, offset: sixth });
      }
      case calls.mprotect:
        return second === 0 ? undefined : memory.protect(first, second, third & 7);
      case calls.munmap:
        return memory.unmap(first, second);
      case calls.brk:
        return this.#moveBreak(result);
      case calls.mremap:
        return memory.resize(first, second, third, result);
      case calls.madvise:
        return memory.advise(first, second, third);
      case calls.open:
      case calls.openat: {
        const path = /\(([^()]*)\)/.exec(text)?.[1];
        if (path !== undefined && this.#openFiles.size < nameLimit) this.#openFiles.set(result, path);
        return;
      }
      case calls.close:
        this.#openFiles.delete(first);
    }
  }

  #moveBreak(to: number): void {
    const from = this.#break ?? to;
    this.#break = to;
    if (to > from) this.#memory.growBreak(from, to - from);
    if (to < from) this.#memory.shrinkBreak(to, from - to);
  }
}
