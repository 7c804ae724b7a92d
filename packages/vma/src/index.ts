export { findVma, findVmaIndex, areaAt, areasIn, sliceArea, isAnonymous } from "./area.ts";
export type { Area } from "./area.ts";
export { applyAreaChange } from "./area-change.ts";
export type { AreaChange } from "./area-change.ts";
export { canMerge, mergeAreas } from "./merge.ts";
export type { Errno, Outcome } from "./outcome.ts";
export type { AddressLayout } from "./address-layout.ts";
export { mmap } from "./mmap.ts";
export type { MmapCall } from "./mmap.ts";
export { munmap } from "./munmap.ts";
export type { MunmapCall } from "./munmap.ts";
export { mprotect } from "./mprotect.ts";
export type { MprotectCall } from "./mprotect.ts";
export { mremap } from "./mremap.ts";
export type { MremapCall } from "./mremap.ts";
export { brk } from "./brk.ts";
export type { BrkCall } from "./brk.ts";
export { madvise } from "./madvise.ts";
export type { MadviseCall } from "./madvise.ts";
export { growStack } from "./grow-stack.ts";
export { prepareAnonVma } from "./anon-vma.ts";
export {
  VM_READ,
  VM_WRITE,
  VM_EXEC,
  VM_SHARED,
  VM_MAYREAD,
  VM_MAYWRITE,
  VM_MAYEXEC,
  VM_MAYSHARE,
  VM_GROWSDOWN,
  VM_PFNMAP,
  VM_LOCKED,
  VM_IO,
  VM_SEQ_READ,
  VM_RAND_READ,
  VM_DONTCOPY,
  VM_DONTEXPAND,
  VM_ACCOUNT,
  VM_NORESERVE,
  VM_SYNC,
  VM_WIPEONFORK,
  VM_DONTDUMP,
  VM_SOFTDIRTY,
  VM_MIXEDMAP,
  VM_HUGEPAGE,
  VM_NOHUGEPAGE,
  VM_ACCESS_FLAGS,
  VM_ALL_FLAGS,
  VM_SPECIAL,
} from "./vm-flags.ts";
export { PROT_NONE, PROT_READ, PROT_WRITE, PROT_EXEC, PROT_SEM, PROT_GROWSDOWN, PROT_GROWSUP } from "./system-call-flags.ts";
export {
  MAP_TYPE,
  MAP_SHARED,
  MAP_PRIVATE,
  MAP_SHARED_VALIDATE,
  MAP_FIXED,
  MAP_ANONYMOUS,
  MAP_32BIT,
  MAP_ABOVE4G,
  MAP_GROWSDOWN,
  MAP_DENYWRITE,
  MAP_EXECUTABLE,
  MAP_LOCKED,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_NONBLOCK,
  MAP_STACK,
  MAP_HUGETLB,
  MAP_SYNC,
  MAP_FIXED_NOREPLACE,
} from "./system-call-flags.ts";
export { MREMAP_MAYMOVE, MREMAP_FIXED, MREMAP_DONTUNMAP } from "./system-call-flags.ts";
export {
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MADV_DONTNEED,
  MADV_FREE,
  MADV_DONTFORK,
  MADV_DOFORK,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_DONTDUMP,
  MADV_DODUMP,
  MADV_WIPEONFORK,
  MADV_KEEPONFORK,
  MADV_COLD,
  MADV_PAGEOUT,
} from "./system-call-flags.ts";
export { protFlags, protOf } from "./system-call-flags.ts";
export { formatMaps, mapsEntry, parseMaps } from "./maps.ts";
export type { MapsEntry, MapsFile } from "./maps.ts";
export { BadMaps } from "./bad-maps.ts";
