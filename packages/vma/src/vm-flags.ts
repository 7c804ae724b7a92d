// The bits of an area's flags: Linux's VM_* of include/linux/mm.h, 6.18, those below bit 31.

/** Pages can be read. */
export const VM_READ = 0x1;
/** Pages can be written. */
export const VM_WRITE = 0x2;
/** Pages can be executed. */
export const VM_EXEC = 0x4;
/** Stores go to what is mapped, and others see them. Not set on a shared mapping of a file opened only for reading. */
export const VM_SHARED = 0x8;
/** `mprotect` may set VM_READ. */
export const VM_MAYREAD = 0x10;
/** `mprotect` may set VM_WRITE. */
export const VM_MAYWRITE = 0x20;
/** `mprotect` may set VM_EXEC. */
export const VM_MAYEXEC = 0x40;
/** Mapped with MAP_SHARED: the `s` of /proc/PID/maps. */
export const VM_MAYSHARE = 0x80;
/** A stack: it grows downwards when touched below its start. */
export const VM_GROWSDOWN = 0x100;
/** Page frame numbers without frames of their own behind them. */
export const VM_PFNMAP = 0x400;
/** Pages stay in memory: MAP_LOCKED. */
export const VM_LOCKED = 0x2000;
/** Memory of a device; the lab report's walk passes over it. */
export const VM_IO = 0x4000;
/** MADV_SEQUENTIAL */
export const VM_SEQ_READ = 0x8000;
/** MADV_RANDOM */
export const VM_RAND_READ = 0x1_0000;
/** MADV_DONTFORK: a child does not get it. */
export const VM_DONTCOPY = 0x2_0000;
/** `mremap` cannot make it longer. */
export const VM_DONTEXPAND = 0x4_0000;
/** Its pages are counted against what the system has promised: private and once writable. */
export const VM_ACCOUNT = 0x10_0000;
/** MAP_NORESERVE */
export const VM_NORESERVE = 0x20_0000;
/** MAP_SYNC */
export const VM_SYNC = 0x80_0000;
/** MADV_WIPEONFORK: a child finds zeros. */
export const VM_WIPEONFORK = 0x200_0000;
/** MADV_DONTDUMP: no core dump has it. */
export const VM_DONTDUMP = 0x400_0000;
/** New or grown since soft-dirty bits were cleared: all its pages count as dirty. */
export const VM_SOFTDIRTY = 0x800_0000;
/** Frames and bare frame numbers mixed. */
export const VM_MIXEDMAP = 0x1000_0000;
/** MADV_HUGEPAGE */
export const VM_HUGEPAGE = 0x2000_0000;
/** MADV_NOHUGEPAGE, and MAP_STACK */
export const VM_NOHUGEPAGE = 0x4000_0000;

/** What `mprotect` changes. */
export const VM_ACCESS_FLAGS: number = VM_READ | VM_WRITE | VM_EXEC;
/** Areas that have one of these never merge. */
export const VM_SPECIAL: number = VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP;

/** Every flag that has a name here: an area has no other. */
export const VM_ALL_FLAGS: number =
  VM_READ |
  VM_WRITE |
  VM_EXEC |
  VM_SHARED |
  VM_MAYREAD |
  VM_MAYWRITE |
  VM_MAYEXEC |
  VM_MAYSHARE |
  VM_GROWSDOWN |
  VM_PFNMAP |
  VM_LOCKED |
  VM_IO |
  VM_SEQ_READ |
  VM_RAND_READ |
  VM_DONTCOPY |
  VM_DONTEXPAND |
  VM_ACCOUNT |
  VM_NORESERVE |
  VM_SYNC |
  VM_WIPEONFORK |
  VM_DONTDUMP |
  VM_SOFTDIRTY |
  VM_MIXEDMAP |
  VM_HUGEPAGE |
  VM_NOHUGEPAGE;
