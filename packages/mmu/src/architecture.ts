// What differs between processors, as data: the shape of the tables, the bits of an entry, the size of a task.

/** One level of a page table. */
export interface Level {
  /** Linux's name: `pgd`, `p4d`, `pud`, `pmd` or `pte`. */
  readonly name: string;
  /** Bytes of address space behind one entry: a power of two. */
  readonly span: number;
  readonly entryCount: number;
}

/**
 * Bits of an entry's low 32-bit word, but for `noExecute`, which is a bit of the high word (0 where there is none).
 * The frame number stands from bit `frameShift` of the low word on: frames of a RAM of at most 4 GiB fit there.
 */
export interface EntryBits {
  readonly present: number;
  readonly write: number;
  readonly user: number;
  readonly accessed: number;
  readonly dirty: number;
  /** Set instead of `present` in an entry that has a frame but allows nothing (`PROT_NONE`). */
  readonly protectNone: number;
  readonly noExecute: number;
  readonly frameShift: number;
  /** What an entry that leads to a table carries beside the table's frame. */
  readonly table: number;
}

/** A processor as far as memory is concerned. Sources stand with each. */
export interface Architecture {
  readonly name: "x86-64" | "i386";
  /** Bytes of an `unsigned long`. */
  readonly wordBytes: 4 | 8;
  readonly pageBytes: 4096;
  /** From the root down to the level whose entries map pages. */
  readonly levels: readonly Level[];
  readonly entryBytes: 4 | 8;
  readonly bits: EntryBits;
  /** First address that is not a program's: Linux's `TASK_SIZE`. */
  readonly taskSize: number;
  /** Where `mmap` begins to look downwards when nothing is randomised. */
  readonly mmapBase: number;
}

const x86Bits = {
  present: 0x001,
  write: 0x002,
  user: 0x004,
  accessed: 0x020,
  dirty: 0x040,
  protectNone: 0x100,
  frameShift: 12,
  table: 0x067,
} as const;

/**
 * 64-bit x86 with four levels of tables.
 *
 *     63 62      52 51                12 11  9  8  7  6  5  4  3  2  1  0
 *    +--+----------+--------------------+-----+--+--+--+--+--+--+--+--+--+
 *    |NX| software |    frame number    | sw  |G |PS|D |A |  |  |U |W |P |
 *    +--+----------+--------------------+-----+--+--+--+--+--+--+--+--+--+
 *
 * Intel SDM volume 3, 4.5; Linux arch/x86/include/asm/pgtable_types.h, page_64_types.h.
 */
export const x86_64: Architecture = {
  name: "x86-64",
  wordBytes: 8,
  pageBytes: 4096,
  levels: [
    { name: "pgd", span: 2 ** 39, entryCount: 512 },
    { name: "pud", span: 2 ** 30, entryCount: 512 },
    { name: "pmd", span: 2 ** 21, entryCount: 512 },
    { name: "pte", span: 2 ** 12, entryCount: 512 },
  ],
  entryBytes: 8,
  bits: { ...x86Bits, noExecute: 0x8000_0000 },
  taskSize: 0x7fff_ffff_f000,
  mmapBase: 0x7fff_f7ff_f000,
};

/**
 * 32-bit x86 with two levels of tables, without NX, as Linux 2.6 on i386 without PAE.
 *
 * Intel SDM volume 3, 4.3; Linux 2.6 include/asm-i386/pgtable.h, pgtable-2level-defs.h.
 */
export const i386: Architecture = {
  name: "i386",
  wordBytes: 4,
  pageBytes: 4096,
  levels: [
    { name: "pgd", span: 2 ** 22, entryCount: 1024 },
    { name: "pte", span: 2 ** 12, entryCount: 1024 },
  ],
  entryBytes: 4,
  bits: { ...x86Bits, noExecute: 0 },
  taskSize: 0xc000_0000,
  mmapBase: 0xb7ff_f000,
};

/** Every architecture there is. */
export const architectures: readonly Architecture[] = [x86_64, i386];

/** The architecture of that name, or `undefined`. */
export function architectureNamed(name: string): Architecture | undefined {
  return architectures.find((architecture) => architecture.name === name);
}

/** Which entry of its table a level looks at for an address. */
export function indexAt(level: Level, vaddr: number): number {
  return Math.floor(vaddr / level.span) & (level.entryCount - 1);
}
