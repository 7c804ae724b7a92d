// Commands: everything that can be asked of the machine but the two hot ones.

/**
 * What a program or the world does. `prot`, `flags` and `advice` are Linux's numbers (PROT_*, MAP_*, MREMAP_*, MADV_*).
 * A command acts on `processor`, the first (0) when left out, for the task that it runs.
 */
export type Command = {
  readonly processor?: number;
  /** `omitted`: the TLBs are not told of what the command changes, as a kernel with a bug would not. */
  readonly flush?: "omitted";
} &
  /** mmap(2). `file` is the label of a file given by `provide-file`, or of one whose bytes nobody has. */
  (
    | {
        readonly kind: "map-memory";
        readonly start: number;
        readonly byteCount: number;
        readonly prot: number;
        readonly flags: number;
        readonly file?: string;
        readonly offset?: number;
        /** As /proc/PID/maps shows it; the file's label when left out. */
        readonly name?: string;
      }
    /** munmap(2) */
    | { readonly kind: "unmap-memory"; readonly start: number; readonly byteCount: number }
    /** mprotect(2) */
    | { readonly kind: "protect-memory"; readonly start: number; readonly byteCount: number; readonly prot: number }
    /** mremap(2) */
    | {
        readonly kind: "move-memory";
        readonly start: number;
        readonly oldBytes: number;
        readonly newBytes: number;
        readonly flags: number;
        readonly to: number;
      }
    /** brk(2) */
    | { readonly kind: "move-break"; readonly address: number }
    /** madvise(2) */
    | { readonly kind: "advise-memory"; readonly start: number; readonly byteCount: number; readonly advice: number }
    /** msync(2): `flags` are MS_*. */
    | { readonly kind: "sync-memory"; readonly start: number; readonly byteCount: number; readonly flags: number }
    /** The flusher writes all dirty pages of a file back. */
    | { readonly kind: "write-back"; readonly file: string }
    /** Reclaim takes the frame of one page. */
    | { readonly kind: "reclaim-page"; readonly vaddr: number }
    /** The page at `vaddr` gets another frame. */
    | { readonly kind: "migrate-page"; readonly vaddr: number }
    /** The large page around `vaddr` becomes small ones, or small ones a large one (MADV_COLLAPSE). */
    | { readonly kind: "split-page" | "collapse-pages"; readonly vaddr: number }
    /** A device may write to the page at `vaddr` (O_DIRECT, DMA, ptrace), under a name; it may no longer; it does. */
    | { readonly kind: "pin-page"; readonly name: string; readonly vaddr: number }
    | { readonly kind: "unpin-page"; readonly name: string }
    | { readonly kind: "device-store"; readonly name: string; readonly offset: number; readonly bytes: Uint8Array }
    /** Writing 4 to /proc/PID/clear_refs. */
    | { readonly kind: "clear-soft-dirty" }
    /** UFFDIO_WRITEPROTECT. */
    | { readonly kind: "protect-writes"; readonly start: number; readonly byteCount: number; readonly mode: "on" | "off" }
    /** The hypervisor's dirty log: kept from now on, with room for so many pages; read, and so emptied. */
    | { readonly kind: "start-dirty-log"; readonly capacity: number }
    | { readonly kind: "take-dirty-log" }
    /** Flushes one page, the task's address space on every processor, or all that this processor's TLB holds. */
    | { readonly kind: "flush-tlb"; readonly scope: "page" | "space" | "processor"; readonly vaddr: number }
    /** A store by hand, made as stores of 64 bytes: those before one that faults are done. The hot door is `Machine.store`. */
    | { readonly kind: "store"; readonly vaddr: number; readonly bytes: Uint8Array }
    /** A load by hand: the machine answers with nothing, but translates and faults as it must. */
    | { readonly kind: "load"; readonly vaddr: number; readonly byteCount: number }
    /** fork(2): the value is the child's pid, the next that is free unless given. */
    | { readonly kind: "fork-task"; readonly pid?: number }
    /** exit(2) */
    | { readonly kind: "exit-task" }
    /** The processor runs another task from now on. */
    | { readonly kind: "switch-task"; readonly pid: number }
    /** copy_to_user: a store at supervisor privilege through the process's own entries. */
    | { readonly kind: "kernel-store"; readonly vaddr: number; readonly bytes: Uint8Array }
    /** The report's system calls; both arguments are addresses of words in user memory. */
    | {
        readonly kind: "checkpoint-range";
        readonly incremental: 0 | 1;
        readonly startPointer: number;
        readonly endPointer: number;
      }
    /** Writes bytes into a file of the machine's own, which areas can map, and into its cached pages: what a trace embeds. */
    | { readonly kind: "provide-file"; readonly file: string; readonly offset: number; readonly bytes: Uint8Array }
    /** Tells what the program asked of its kernel: a note. */
    | {
        readonly kind: "note-system-call";
        readonly number: number;
        readonly arguments: readonly number[];
        /** Negative: an errno. */
        readonly result: number;
        readonly thread: number;
      }
  );

/** What became of a command: a value, an errno, or a signal that the program would have got. */
export type Result =
  | { readonly kind: "done"; readonly value: number }
  | { readonly kind: "failed"; readonly errno: string }
  | { readonly kind: "faulted"; readonly fault: Fault };

/** Why an access could not be done. */
export interface Fault {
  readonly signal: "SIGSEGV";
  /** The first byte that could not be had. An address of 2^63 or more, given in halves, is told less 2^64. */
  readonly vaddr: number;
  /** `unmapped`: no area there; `forbidden`: the area does not allow it. */
  readonly reason: "unmapped" | "forbidden";
}
