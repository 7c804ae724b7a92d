// What differs between processors, as data: the shape of the tables, the bits of an entry, the size of a task.

/** One level of a page table. */
export interface Level {
  /** Linux's name: `pgd`, `p4d`, `pud`, `pmd` or `pte`. */
  readonly name: string;
  /** Bytes of address space behind one entry: a power of two. */
  readonly span: number;
  readonly entryCount: number;
  /** A usable entry with any of these low bits maps memory, `span` bytes of it; one with none of them leads to a table. */
  readonly leaf: number;
  /**
   * Low bits that an entry leading to a table carries beside the table's frame. Where W and U are among them, such an
   * entry can take W and U away from everything behind it.
   */
  readonly table: number;
}

/**
 * Bits of an entry's low 32-bit word, but for `noExecute` and `frameHigh`, which are bits of the high one. 0 stands for
 * a bit that the architecture has not.
 */
export interface EntryBits {
  /** The processor may use the entry. */
  readonly present: number;
  /** Loads are allowed; x86 has no bit for it, there it is `present`. */
  readonly read: number;
  readonly write: number;
  /** Fetches are allowed, where `noExecute` does not forbid them; on x86 it is `present`. */
  readonly execute: number;
  readonly noExecute: number;
  readonly user: number;
  readonly accessed: number;
  readonly dirty: number;
  /** Linux's own dirty bit, which no processor sets. */
  readonly softDirty: number;
  /** Linux: userfaultfd wants to hear of the next store. */
  readonly uffdWp: number;
  /** Told apart by this bit, in an entry that is not present: it has a frame but allows nothing (`PROT_NONE`). */
  readonly protectNone: number;
  /** The low bits of such an entry, `protectNone` among them. */
  readonly forbidden: number;
  /** What an entry that maps memory above the last level carries beside all that one of the last level does. */
  readonly large: number;
  /** The frame number stands from this bit of the low word on, up to the last bit of `frameHigh`. */
  readonly frameShift: number;
  readonly frameHigh: number;
}

/** Where a number stands in an entry of 64 bits (of 32, on i386). */
export interface BitField {
  readonly firstBit: number;
  readonly bitCount: number;
}

/** How Linux keeps the place of a swapped page in its entry. */
export interface SwapLayout {
  /** Which swap device. */
  readonly type: BitField;
  /** Which of its pages. */
  readonly offset: BitField;
  /** Whether each bit of the offset is turned over: a guard against L1TF, which makes high physical bits set. */
  readonly offsetInverted: boolean;
  /** Bits of the low word that keep `softDirty` and `uffdWp` of the entry that was there. */
  readonly softDirty: number;
  readonly uffdWp: number;
}

/** The names of all architectures. */
export type ArchitectureName = "i386" | "i386-pae" | "x86-64" | "x86-64-la57" | "sv39";

/** A processor as far as memory is concerned, and Linux on it. Sources stand with each. */
export interface Architecture {
  readonly name: ArchitectureName;
  /** Bytes of an `unsigned long`. */
  readonly wordBytes: 4 | 8;
  readonly pageBytes: 4096;
  /** Bits of an address that the tables look at; those above repeat the highest of them. */
  readonly addressBits: number;
  /** From the root down to the level whose entries map pages. */
  readonly levels: readonly Level[];
  readonly entryBytes: 4 | 8;
  readonly bits: EntryBits;
  /** The manual's names of an entry's bits, bit 0 first; `undefined` for one that is software's. */
  readonly bitNames: readonly (string | undefined)[];
  readonly swap: SwapLayout;
  /** First address that is not a program's: Linux's `TASK_SIZE`. */
  readonly taskSize: number;
  /** Where `mmap` begins to look downwards when nothing is randomised. */
  readonly mmapBase: number;
}

/** Which entry of its table a level looks at for an address. */
export function indexAt(level: Level, vaddr: number): number {
  return Math.floor(vaddr / level.span) & (level.entryCount - 1);
}
