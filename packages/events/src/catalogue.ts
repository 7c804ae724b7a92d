// The catalogue of everything that can happen: one line a kind, with the columns it uses.

/**
 * What an event is worth to somebody who rebuilds the machine.
 * - `memory`: a fact, bytes at a physical address; applied to RAM.
 * - `state`: a fact with a small JSON detail; applied by the reducer.
 * - `file`: a fact, bytes of a mapped file; what is read into memory later is read from there.
 * - `note`: an explanation; dropping it changes no memory.
 */
export type Role = "memory" | "state" | "file" | "note";

/** A column that a kind fills; the others hold 0. `from` is a physical address kept as the event's four bytes. */
export type Column = "vaddr" | "paddr" | "length" | "bytes" | "from" | "detail";

/** One kind of event. `code` is what stands in the `kind` column and never changes its meaning. */
export interface EventKind {
  readonly code: number;
  readonly role: Role;
  readonly columns: readonly Column[];
  readonly meaning: string;
}

/** The kinds that are bytes at a physical address. */
export type MemoryFactName =
  | "store"
  | "kernel-store"
  | "frame-filled"
  | "frame-zeroed"
  | "frame-copied"
  | "frame-accounted"
  | "table-linked"
  | "table-unlinked"
  | "entry-mapped"
  | "entry-unmapped"
  | "entry-protected"
  | "dirty-set"
  | "dirty-cleared"
  | "accessed-set"
  | "page-cached"
  | "page-uncached"
  | "entry-swapped"
  | "soft-dirty-cleared"
  | "writes-protected"
  | "device-store";

/** The kinds whose detail goes through the reducer. */
export type StateFactName =
  | "task-created"
  | "area-mapped"
  | "area-unmapped"
  | "area-protected"
  | "area-moved"
  | "area-discarded"
  | "area-freed"
  | "area-grown"
  | "area-advised"
  | "anon-vma-prepared"
  | "break-moved"
  | "object-cached"
  | "object-dropped"
  | "task-exited"
  | "task-switched"
  | "page-pinned"
  | "page-unpinned"
  | "dirty-log-started"
  | "write-logged"
  | "dirty-log-taken"
  | "checkpoint-begun"
  | "checkpoint-committed"
  | "checkpoint-failed"
  | "check-counted";

/** The kinds that are bytes of a mapped file; the detail is a `FilePlace`. */
export type FileFactName = "file-provided" | "file-written-back";

/** A place in a mapped file, which is known by its label. */
export interface FilePlace {
  readonly file: string;
  readonly offset: number;
}

/** The kinds that only explain. */
export type NoteName =
  | "load"
  | "page-faulted"
  | "tlb-filled"
  | "tlb-dirtied"
  | "tlb-page-flushed"
  | "tlb-space-flushed"
  | "tlb-flushed"
  | "tlb-shot-down"
  | "page-saved"
  | "file-operated"
  | "system-called";

/** The name of a kind of event. */
export type KindName = MemoryFactName | StateFactName | FileFactName | NoteName;

const bytes = ["vaddr", "paddr", "length", "bytes"] as const;
const note = ["vaddr", "paddr", "length"] as const;
const detail = ["detail"] as const;
const file = ["length", "bytes", "detail"] as const;

/** All kinds by name. `vaddr` is 0 where a fact belongs to no address of a process. */
export const catalogue: Readonly<Record<KindName, EventKind>> = {
  store: { code: 1, role: "memory", columns: bytes, meaning: "the program stored bytes" },
  "kernel-store": { code: 2, role: "memory", columns: bytes, meaning: "the kernel stored bytes for the program" },
  "frame-filled": { code: 3, role: "memory", columns: bytes, meaning: "a frame received bytes of a file" },
  "frame-zeroed": { code: 4, role: "memory", columns: note, meaning: "a whole frame became zero" },
  "frame-copied": { code: 5, role: "memory", columns: ["vaddr", "paddr", "length", "from"], meaning: "a whole frame was copied" },
  "frame-accounted": { code: 6, role: "memory", columns: bytes, meaning: "the frame table changed" },
  "table-linked": { code: 7, role: "memory", columns: bytes, meaning: "an entry above the last level got a table" },
  "table-unlinked": { code: 8, role: "memory", columns: bytes, meaning: "an entry above the last level lost its table" },
  "entry-mapped": { code: 9, role: "memory", columns: bytes, meaning: "a page got a frame" },
  "entry-unmapped": { code: 10, role: "memory", columns: bytes, meaning: "a page lost its frame" },
  "entry-protected": { code: 11, role: "memory", columns: bytes, meaning: "what an entry allows changed" },
  "dirty-set": { code: 12, role: "memory", columns: bytes, meaning: "the processor set D" },
  "dirty-cleared": { code: 13, role: "memory", columns: bytes, meaning: "the kernel cleared D" },
  "accessed-set": { code: 14, role: "memory", columns: bytes, meaning: "the processor set A" },
  "page-cached": { code: 15, role: "memory", columns: bytes, meaning: "the page cache holds a page" },
  "page-uncached": { code: 16, role: "memory", columns: bytes, meaning: "the page cache gave a page up" },
  "entry-swapped": { code: 17, role: "memory", columns: bytes, meaning: "an entry says where its page is swapped out" },
  "soft-dirty-cleared": { code: 18, role: "memory", columns: bytes, meaning: "a tracker cleared soft-dirty, and W" },
  "writes-protected": { code: 19, role: "memory", columns: bytes, meaning: "userfaultfd's write protection changed" },
  "device-store": { code: 20, role: "memory", columns: bytes, meaning: "a device stored bytes through a pin" },

  "file-provided": { code: 30, role: "file", columns: file, meaning: "a file that programs may map received bytes" },
  "file-written-back": { code: 31, role: "file", columns: file, meaning: "a file received a page that a program stored to" },

  "task-created": { code: 32, role: "state", columns: detail, meaning: "a task began" },
  "area-mapped": { code: 33, role: "state", columns: detail, meaning: "an area appeared" },
  "area-unmapped": { code: 34, role: "state", columns: detail, meaning: "a range lost its areas" },
  "area-protected": { code: 35, role: "state", columns: detail, meaning: "a range changed its protection" },
  "area-moved": { code: 36, role: "state", columns: detail, meaning: "a range moved with its pages" },
  "area-discarded": { code: 37, role: "state", columns: detail, meaning: "the pages of a range were dropped" },
  "area-grown": { code: 38, role: "state", columns: detail, meaning: "a stack grew" },
  "area-advised": { code: 39, role: "state", columns: detail, meaning: "madvise changed flags of a range" },
  "break-moved": { code: 40, role: "state", columns: detail, meaning: "the program break moved" },
  "object-cached": {
    code: 41,
    role: "state",
    columns: detail,
    meaning: "the page cache got a tree for a file or for shared memory",
  },
  "checkpoint-begun": { code: 42, role: "state", columns: detail, meaning: "a checkpoint began" },
  "checkpoint-committed": { code: 43, role: "state", columns: detail, meaning: "a checkpoint is complete" },
  "checkpoint-failed": { code: 44, role: "state", columns: detail, meaning: "a checkpoint failed" },
  "check-counted": { code: 45, role: "state", columns: detail, meaning: "check_count of a task grew" },
  "area-freed": {
    code: 46,
    role: "state",
    columns: detail,
    meaning: "the pages of a range may be dropped until they are written",
  },
  "anon-vma-prepared": { code: 47, role: "state", columns: detail, meaning: "an area got its first private page" },
  "object-dropped": { code: 48, role: "state", columns: detail, meaning: "the page cache gave a tree up" },
  "task-exited": { code: 49, role: "state", columns: detail, meaning: "a task ended" },
  "task-switched": { code: 50, role: "state", columns: detail, meaning: "a processor runs another task" },
  "page-pinned": { code: 51, role: "state", columns: detail, meaning: "a device may write to a frame" },
  "page-unpinned": { code: 52, role: "state", columns: detail, meaning: "a device may no longer write to a frame" },
  "dirty-log-started": { code: 53, role: "state", columns: detail, meaning: "the dirty log is kept from now on" },
  "write-logged": { code: 54, role: "state", columns: detail, meaning: "the dirty log got a page, or had no room for it" },
  "dirty-log-taken": { code: 55, role: "state", columns: detail, meaning: "the dirty log was read, and is empty" },

  load: { code: 64, role: "note", columns: note, meaning: "the program loaded bytes" },
  "page-faulted": { code: 65, role: "note", columns: ["vaddr", "detail"], meaning: "a page fault was handled, or was fatal" },
  "tlb-filled": { code: 66, role: "note", columns: note, meaning: "the TLB cached a translation; length is its slot" },
  "tlb-dirtied": { code: 67, role: "note", columns: note, meaning: "the TLB cached that D is set; length is the slot" },
  "tlb-flushed": { code: 68, role: "note", columns: [], meaning: "the TLB forgot everything" },
  "page-saved": { code: 69, role: "note", columns: note, meaning: "a checkpoint saved a page" },
  "file-operated": { code: 70, role: "note", columns: detail, meaning: "a file operation ended" },
  "system-called": { code: 71, role: "note", columns: detail, meaning: "a system call returned" },
  "tlb-page-flushed": {
    code: 72,
    role: "note",
    columns: ["vaddr", "length"],
    meaning: "the TLB forgot a page, large ones whole",
  },
  "tlb-space-flushed": { code: 73, role: "note", columns: [], meaning: "the TLB forgot an address space" },
  "tlb-shot-down": { code: 74, role: "note", columns: ["vaddr", "detail"], meaning: "a processor told another one to flush" },
};

const byCode: readonly (KindName | undefined)[] = Array.from({ length: 256 }, (_, code) =>
  kindNames().find((name) => catalogue[name].code === code),
);

/** Every kind's name, in the order of the catalogue. */
export function kindNames(): readonly KindName[] {
  return Object.keys(catalogue) as KindName[];
}

/** The name behind a code of the `kind` column; throws for a code the catalogue does not have. */
export function kindOf(code: number): KindName {
  const name = byCode[code];
  if (name === undefined) throw new RangeError(`no kind of event has the code ${code}`);
  return name;
}
