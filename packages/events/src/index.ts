export { catalogue, kindNames, kindOf } from "./catalogue.ts";
export type {
  Column,
  EventKind,
  FileFactName,
  FilePlace,
  KindName,
  MemoryFactName,
  NoteName,
  Role,
  StateFactName,
} from "./catalogue.ts";
export { EventLog } from "./event-log.ts";
export type { BatchListener } from "./event-log.ts";
export { EventBatch } from "./event-batch.ts";
export type { Detail } from "./event-batch.ts";
export { MachineEvent } from "./event.ts";
