// A sink before a machine that counts stores by size: what `pagelapse info` tells and no decoder needs to know.

import type { AddressSpace, CachedObject, MappedFiles } from "@pagelapse/checkpoint";
import type { Command, Fault, Result } from "@pagelapse/kernel";
import type { Architecture, PhysicalMemory } from "@pagelapse/mmu";
import type { TraceSink } from "./trace-sink.ts";

/** Passes everything on. */
export class CountingSink implements TraceSink {
  /** How many stores of each size there were: index 8 counts those of 8 bytes. */
  readonly storesBySize: Float64Array = new Float64Array(65);
  readonly #machine: TraceSink;

  constructor(machine: TraceSink) {
    this.#machine = machine;
  }

  store(high: number, low: number, words: Uint32Array, at: number, size: number): number {
    this.storesBySize[size] += 1;
    return this.#machine.store(high, low, words, at, size);
  }
  load(high: number, low: number, size: number): number {
    return this.#machine.load(high, low, size);
  }
  programCounter(pc: number): void {
    this.#machine.programCounter(pc);
  }
  startChunk(origin: number): void {
    this.#machine.startChunk(origin);
  }
  execute(command: Command): Result {
    return this.#machine.execute(command);
  }
  get lastFault(): Fault | undefined {
    return this.#machine.lastFault;
  }
  get architecture(): Architecture {
    return this.#machine.architecture;
  }
  get memory(): PhysicalMemory {
    return this.#machine.memory;
  }
  get space(): AddressSpace {
    return this.#machine.space;
  }
  get cached(): readonly CachedObject[] {
    return this.#machine.cached;
  }
  get files(): MappedFiles {
    return this.#machine.files;
  }
}
