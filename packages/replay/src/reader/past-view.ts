// A moment of the past, as everything that reads a machine takes it.

import type { MappedFiles, ProcessView } from "@pagelapse/checkpoint";
import type { MachineState, Task } from "@pagelapse/kernel";
import type { Architecture, PhysicalMemory } from "@pagelapse/mmu";

/** Memory and state after so many events. A pure reader cannot tell it from a live machine. */
export interface PastView {
  readonly moment: number;
  readonly architecture: Architecture;
  readonly memory: PhysicalMemory;
  readonly state: MachineState;
  /** A task as readers of checkpoint take it: by its index in the state, that which the first processor runs unless given. */
  process(task?: number): ProcessView;
}

/** Nobody has the bytes of files that the recording does not hold; what of them was read into memory lies in frames. */
const unknownFiles: MappedFiles = {
  read(_, __, target) {
    target.fill(0);
    return "unknown";
  },
};

/** The view of a moment. */
export function pastView(
  moment: number,
  architecture: Architecture,
  memory: PhysicalMemory,
  state: MachineState,
  files: MappedFiles = unknownFiles,
): PastView {
  return {
    moment,
    architecture,
    memory,
    state,
    process(task = state.running[0]) {
      const space = state.tasks[task] as Task | undefined;
      if (space === undefined) throw new RangeError(`no task ${task} at moment ${moment}`);
      return { architecture, memory, space, cached: state.cached, files };
    },
  };
}
