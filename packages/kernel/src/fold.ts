// The fold: a machine's memory, state and mapped files rebuilt from its facts alone.

import { catalogue, kindOf } from "@pagelapse/events";
import type { EventBatch } from "@pagelapse/events";
import { Ram, applyMemoryFact } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { emptyState } from "./machine-state.ts";
import type { MachineState, StateFact } from "./machine-state.ts";
import { ProvidedFiles } from "./provided-files.ts";
import { reduce } from "./reduce.ts";

/** What facts add up to. */
export class Fold {
  readonly ram: Ram;
  readonly files: ProvidedFiles = new ProvidedFiles();
  state: MachineState;

  constructor(architecture: Architecture, frameCount: number) {
    this.ram = new Ram(frameCount);
    this.state = emptyState(architecture);
  }

  /** Takes the facts of a batch in; notes are passed over. */
  add(batch: EventBatch): void {
    for (let row = 0; row < batch.count; row++) {
      const role = catalogue[kindOf(batch.kind[row])].role;
      if (role === "memory") applyMemoryFact(this.ram, batch, row);
      else if (role === "state") this.state = reduce(this.state, batch.task[row], batch.details.get(row) as StateFact);
      else if (role === "file") this.files.add(batch, row);
    }
  }
}
