// RAM whose every change is also an event: what the kernel writes through.

import { catalogue } from "@pagelapse/events";
import type { EventLog, MemoryFactName } from "@pagelapse/events";
import { frameBytes } from "./physical-memory.ts";
import type { Ram } from "./ram.ts";

/**
 * Changes bytes and says so, in one step. `vaddr` in each call is the process's address that the change serves,
 * 0 where there is none.
 */
export class RecordedRam {
  readonly ram: Ram;
  readonly log: EventLog;

  constructor(ram: Ram, log: EventLog) {
    this.ram = ram;
    this.log = log;
  }

  /** Writes one word. */
  word(kind: MemoryFactName, vaddr: number, paddr: number, value: number): void {
    this.ram.writeWord(paddr, value);
    this.log.words(catalogue[kind].code, vaddr, paddr, value, 0, 4);
  }

  /** Writes two words side by side. */
  pair(kind: MemoryFactName, vaddr: number, paddr: number, low: number, high: number): void {
    this.ram.writeWord(paddr, low);
    this.ram.writeWord(paddr + 4, high);
    this.log.words(catalogue[kind].code, vaddr, paddr, low, high, 8);
  }

  /** Writes bytes that lie in one frame. */
  bytes(kind: MemoryFactName, vaddr: number, paddr: number, bytes: Uint8Array): void {
    this.ram.bytes.set(bytes, paddr);
    this.log.bytes(catalogue[kind].code, vaddr, paddr, bytes);
  }

  /** Makes a frame zero. */
  zeroFrame(vaddr: number, pfn: number): void {
    this.ram.frame(pfn).fill(0);
    this.log.note(catalogue["frame-zeroed"].code, vaddr, pfn * frameBytes, frameBytes);
  }

  /** Copies a frame. */
  copyFrame(vaddr: number, to: number, from: number): void {
    this.ram.frame(to).set(this.ram.frame(from));
    this.log.copied(vaddr, to * frameBytes, from * frameBytes, frameBytes);
  }
}
