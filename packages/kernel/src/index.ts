export { Machine } from "./machine.ts";
export type { MachineMoment, MachineOptions } from "./machine.ts";
export type { TlbShape } from "./core.ts";
export type { Command, Fault, Result } from "./command.ts";
export { emptyState } from "./machine-state.ts";
export type { CheckpointRecord, MachineState, StateFact, Task } from "./machine-state.ts";
export { Fold } from "./fold.ts";
export { reduce } from "./reduce.ts";
export { OutOfFrames } from "./out-of-frames.ts";
