export { indexAt } from "./architecture.ts";
export type { Architecture, ArchitectureName, BitField, EntryBits, Level, SwapLayout } from "./architecture.ts";
export { i386, i386Pae, x86_64, x86_64La57 } from "./x86.ts";
export { sv39 } from "./riscv.ts";
export { architectureNamed, architectures } from "./architectures.ts";
export { formatAddress, parseAddress } from "./virtual-address.ts";
export { frameBytes } from "./physical-memory.ts";
export type { PhysicalMemory } from "./physical-memory.ts";
export { Ram } from "./ram.ts";
export { RecordedRam } from "./recorded-ram.ts";
export { SwapDevice, slotOf, swapEntryFor, swapPartner, swapStart, swappedFrame } from "./swap-device.ts";
export { applyMemoryFact } from "./apply.ts";
export { AbsentFrame, DumpMemory, keptFrames, rawDump } from "./dump-memory.ts";
export { BadWordDump, parseWordDump } from "./word-dump.ts";
export {
  FrameTable,
  allocationOf,
  flagsOf,
  frameFlags,
  framesInUse,
  referencesOf,
  reservedFrames,
  zeroFrame,
} from "./frame-table.ts";
export {
  entryFlags,
  frameBehind,
  historyBits,
  makeEntry,
  pteDirty,
  pteFrame,
  pteLeaf,
  pteNone,
  ptePermission,
  ptePresent,
  pteRead,
  pteSoftDirty,
  pteUsable,
  pteWrite,
  pteYoung,
  readEntry,
} from "./entry.ts";
export type { Entry, Permission } from "./entry.ts";
export { decodeSwapEntry, encodeSwapEntry, isSwapPte } from "./swap-entry.ts";
export type { SwapEntry } from "./swap-entry.ts";
export { findEntry, findLeaf, visitEntries, visitEntriesWith, walk } from "./walk.ts";
export type { EntryVisitor, FoundEntry, Walk, WalkStep } from "./walk.ts";
export { mappingRuns, mappings } from "./mapping.ts";
export type { Mapping, MappingRun } from "./mapping.ts";
export { allocateTable, clearEntry, ensureEntry, ensureEntryAt, freeTables, none, writeEntry } from "./page-table.ts";
export type { TableMemory } from "./page-table.ts";
export { collapseTable, framesBehind, makeEntryAt, splitLargePage } from "./large-page.ts";
export { Tlb } from "./tlb.ts";
export type { TlbSlot, TlbSnapshot } from "./tlb.ts";
export { NOT_ALLOWED, NOT_PRESENT, translate } from "./translate.ts";
export type { Access } from "./translate.ts";
