// The pure walk held against the processor: it leads where each store went.

import { kindOf } from "@pagelapse/events";
import type { Machine } from "@pagelapse/kernel";
import { frameBytes, walk } from "@pagelapse/mmu";

/** From now on a store that goes where the walk does not lead throws. */
export function checkWalks(machine: Machine): void {
  const { memory, architecture, log } = machine;
  log.listen((batch) => {
    for (let row = 0; row < batch.count; row++) {
      const kind = kindOf(batch.kind[row]);
      if (kind !== "store" && kind !== "kernel-store") continue;
      const [vaddr, paddr] = [batch.vaddr[row], batch.paddr[row]];
      const { frame } = walk(memory, architecture, machine.state.tasks[batch.task[row]].root, vaddr);
      if (frame !== Math.floor(paddr / frameBytes))
        throw new Error(`the walk of ${vaddr} leads to frame ${frame}, not to ${paddr}`);
    }
  });
}
