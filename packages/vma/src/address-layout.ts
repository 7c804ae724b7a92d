// Where the parts of an address space lie, and the limits on it: what Linux keeps in `mm_struct`, rlimits and sysctls.

/** Plain data; byte counts and addresses are multiples of the page size, but for `brk` and `stackLimit`. */
export interface AddressLayout {
  readonly pageBytes: number;
  /** First address that is not the program's: `TASK_SIZE`. */
  readonly taskSize: number;
  /** New mappings are placed below this address, downwards. */
  readonly mmapBase: number;
  /** When there is no room below `mmapBase`: upwards from here. */
  readonly mmapLegacyBase: number;
  /** Nothing is mapped below this address: `vm.mmap_min_addr`, as it binds a process without CAP_SYS_RAWIO. */
  readonly mmapMinimum: number;
  /** Where the program break began, and where it is, which may be within a page. */
  readonly startBrk: number;
  readonly brk: number;
  /** How many bytes a stack may have: RLIMIT_STACK. */
  readonly stackLimit: number;
  /** What a growing stack keeps free below itself: `stack_guard_gap`, 256 pages in Linux. */
  readonly stackGuardBytes: number;
  /** How many areas there may be: `vm.max_map_count`, 65,530 in Linux. */
  readonly mapCountLimit: number;
  /** New anonymous memory in multiples of this is aligned to it; 0 for a kernel without CONFIG_TRANSPARENT_HUGEPAGE. */
  readonly hugePageBytes: number;
}

/** Rounds up to whole pages: `PAGE_ALIGN`. */
export function pageAlign(layout: AddressLayout, byteCount: number): number {
  return Math.ceil(byteCount / layout.pageBytes) * layout.pageBytes;
}

/** Does the address stand at the start of a page? */
export function isPageAligned(layout: AddressLayout, address: number): boolean {
  return (address & (layout.pageBytes - 1)) === 0;
}
