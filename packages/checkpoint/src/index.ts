export type { AddressSpace, MappedFiles, ProcessView } from "./address-space.ts";
export type { CheckpointBegun, CheckpointCommitted, CheckpointFailed, Tracked } from "./tracked.ts";
