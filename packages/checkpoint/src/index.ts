export type { AddressSpace, MappedFiles, ProcessView } from "./address-space.ts";
export { cachePlace, cachedFrame, placeAt, treeOf } from "./page-cache.ts";
export type { CachePlace, CachedObject, ObjectPage, PageCache } from "./page-cache.ts";
export { peekPage } from "./peek-page.ts";
export { visitPages } from "./visit-pages.ts";
export type { PageVisitor } from "./visit-pages.ts";
export { countPresent } from "./count-present.ts";
export { processesOf } from "./tracked.ts";
export type {
  CheckpointBegun,
  CheckpointCommitted,
  CheckpointFailed,
  DirtyLogTaken,
  Snapshot,
  Tracked,
  TrackedProcess,
} from "./tracked.ts";
export { stepsOf } from "./strategy.ts";
export type { CheckpointResult, CheckpointSteps, Checkpointer, Rebuild, Strategy } from "./strategy.ts";
export { strategies, strategyNamed } from "./strategies.ts";
export { trackingStrategy } from "./trackers/tracking-strategy.ts";
export type { TrackingOptions } from "./trackers/tracking-strategy.ts";
export { isUntouched } from "./trackers/page-tracker.ts";
export type { PageJudge, PageTracker, SeenPage } from "./trackers/page-tracker.ts";
export { judgePrivatePages, refuseToTakeWrite, takeDirtyOfCache } from "./trackers/private-pages.ts";
export { imageStrategy } from "./increment/image-strategy.ts";
export type { ImageStrategy, ImageStrategyOptions } from "./increment/image-strategy.ts";
export { imageParts } from "./increment/image-parts.ts";
export type { ImagePart, ImageParts } from "./increment/image-parts.ts";
export { wordRuns } from "./increment/word-runs.ts";
export type { MemoryImage } from "./memory-image.ts";
export type { ProcessMemory, SharedMemory, TreeMemory } from "./tree-memory.ts";
export { BadImage } from "./bad-image.ts";
export type { Comparison, WrongKind, WrongPage } from "./comparison.ts";
export { compareMemory, compareProcesses } from "./compare-memory.ts";
export { permissionOf } from "./permission-of.ts";
export { addressSpaceOf, placePages, restore } from "./restore.ts";
export type { RestoreOptions, RestoredProcess } from "./restore.ts";
export { cpRange } from "./report/cp-range.ts";
export { walkThroughVmas } from "./report/walk-through-vmas.ts";
export type { WalkRefused, WalkTotals } from "./report/walk-through-vmas.ts";
export { lookupAddressPage } from "./report/lookup-address-page.ts";
export { closeFile, openFile } from "./report/open-file.ts";
export type { OpenedFile } from "./report/open-file.ts";
export { readRecords } from "./report/read-records.ts";
export type { ReportRecords } from "./report/read-records.ts";
export { writeCore } from "./core/write-core.ts";
export type { CoreOptions } from "./core/write-core.ts";
export type { PutPiece } from "./core/sparse-writer.ts";
