export { FaultyFileSystem } from "./faulty-file-system.ts";
export { parseFaultPlan, printFaultPlan } from "./fault-plan.ts";
export type { Fault, FaultEffect, FaultPlan } from "./fault-plan.ts";
export { commonFaults, singleFaultPlans } from "./faulty-calls.ts";
export type { Call } from "./faulty-calls.ts";
export type { WriteBack, WriteBackFailure } from "../write-back.ts";
export { BadLine } from "../bad-line.ts";
