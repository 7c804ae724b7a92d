// A process as a strategy sees it, with note taken of what it does that costs time and leaves no event.

import type { Tracked } from "@pagelapse/checkpoint";
import { frameBytes } from "@pagelapse/mmu";
import type { PhysicalMemory } from "@pagelapse/mmu";

/** The process, and what whoever has it did with it. */
export interface WatchedProcess {
  readonly tracked: Tracked;
  /** What was done since this was last asked. */
  takeDeeds(): Deeds;
}

/** What a strategy did with a process. */
export interface Deeds {
  /** Frames that were read whole. */
  readonly framesRead: ReadonlySet<number>;
  /** Whether a child was made: then all that is read of it, and written, may happen while the program goes on. */
  readonly hasForked: boolean;
}

/** Everything is the process's own, but for its memory, which counts, and for `fork`, which is noticed. */
export function watchProcess(process: Tracked): WatchedProcess {
  const memory = new CountingMemory(process.memory);
  let hasForked = false;
  const tracked = new Proxy(process, {
    get(target, key) {
      if (key === "memory") return memory;
      hasForked ||= key === "fork";
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return {
    tracked,
    takeDeeds() {
      const deeds = { framesRead: memory.takeRead(), hasForked };
      hasForked = false;
      return deeds;
    },
  };
}

/** Reads through to a memory. */
class CountingMemory implements PhysicalMemory {
  readonly frameCount: number;
  readonly #memory: PhysicalMemory;
  #read: Set<number> = new Set();

  constructor(memory: PhysicalMemory) {
    this.frameCount = memory.frameCount;
    this.#memory = memory;
  }

  readWord(paddr: number): number {
    return this.#memory.readWord(paddr);
  }

  read(paddr: number, target: Uint8Array): void {
    if (target.length === frameBytes) this.#read.add(paddr / frameBytes);
    this.#memory.read(paddr, target);
  }

  takeRead(): ReadonlySet<number> {
    const read = this.#read;
    this.#read = new Set();
    return read;
  }
}
