// Applying a memory fact: the fold that rebuilds RAM from events.

import { catalogue, kindOf } from "@pagelapse/events";
import type { EventBatch } from "@pagelapse/events";
import { frameBytes } from "./physical-memory.ts";
import type { Ram } from "./ram.ts";

/** Applies the memory fact in this row; leaves RAM alone for state facts and notes. */
export function applyMemoryFact(ram: Ram, batch: EventBatch, row: number): void {
  const kind = batch.kind[row];
  const paddr = batch.paddr[row];
  const word = batch.data[row] * 2;
  if (kind === catalogue["frame-zeroed"].code) {
    ram.frame(paddr / frameBytes).fill(0);
  } else if (kind === catalogue["frame-copied"].code) {
    ram.frame(paddr / frameBytes).set(ram.frame(batch.heapWords[word] / frameBytes));
  } else if (catalogue[kindOf(kind)].role === "memory") {
    ram.write(paddr, batch.heapWords, word, batch.length[row]);
  }
}
