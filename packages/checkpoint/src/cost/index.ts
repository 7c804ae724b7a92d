export { disturbanceSeconds, pauseSeconds, prices, restoreSeconds, usualCosts } from "./cost-model.ts";
export type { CostName, Costs, Disturbance, PauseWork, Price, RestoreWork } from "./cost-model.ts";
export { DirtyCurve } from "./dirty-curve.ts";
export type { DirtyPoint } from "./dirty-curve.ts";
export { granulePages } from "./granule-pages.ts";
export { PreCopy } from "./pre-copy.ts";
export type { PreCopyOptions, PreCopyResult, PreCopyRound } from "./pre-copy.ts";
export { dalyInterval, expectedSlowdown, youngInterval } from "./checkpoint-interval.ts";
export type { FailingRun } from "./checkpoint-interval.ts";
