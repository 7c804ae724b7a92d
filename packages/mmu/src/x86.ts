// x86: i386 with and without PAE, x86-64 with four and with five levels of tables.

import type { Architecture, EntryBits, Level, SwapLayout } from "./architecture.ts";

/*
 * The low word of an entry, and where PS would be in an entry of the last level, PAT:
 *
 *     31          12 11  10  9   8  7  6  5  4   3   2  1  0
 *    +--------------+---+---+---+--+--+--+--+---+---+--+--+--+
 *    | frame number |SD |WP |sw |G |PS|D |A |PCD|PWT|U |W |P |
 *    +--------------+---+---+---+--+--+--+--+---+---+--+--+--+
 *
 * SD and WP are Linux's soft-dirty and uffd-wp on x86-64. In an entry of 64 bits the frame number goes on to bit 51,
 * and bit 63 is NX. Intel SDM volume 3, 4.3 to 4.5.
 */
const pagingBits = {
  present: 0x001,
  read: 0x001,
  write: 0x002,
  execute: 0x001,
  user: 0x004,
  accessed: 0x020,
  dirty: 0x040,
  large: 0x080,
  frameShift: 12,
} as const;

const bitNames = ["P", "W", "U", "PWT", "PCD", "A", "D", "PS", "G"] as const;

const table = 0x067;
const pageSize = 0x080;

/** Linux 2.6 include/asm-i386/pgtable.h: `_PAGE_PROTNONE` is bit 7; bits 9 to 11 have no use yet. */
const linux2Bits = { ...pagingBits, softDirty: 0, uffdWp: 0, protectNone: 0x080, forbidden: 0x080 } as const;

/** Linux 6.18 arch/x86/include/asm/pgtable_types.h: `_PAGE_PROTNONE` is G. */
const linux6Bits: EntryBits = {
  ...pagingBits,
  softDirty: 0x800,
  uffdWp: 0x400,
  protectNone: 0x100,
  forbidden: 0x100,
  noExecute: 0x8000_0000,
  frameHigh: 0x000f_ffff,
};

const pud: Level = { name: "pud", span: 2 ** 30, entryCount: 512, leaf: pageSize, table };
const pmd: Level = { name: "pmd", span: 2 ** 21, entryCount: 512, leaf: pageSize, table };
const pte: Level = { name: "pte", span: 2 ** 12, entryCount: 512, leaf: pagingBits.present, table: 0 };

/**
 * 32-bit x86 with two levels of tables, without NX, as Linux 2.6 on i386 without PAE. An entry of the root with PS maps
 * 4 MiB (CR4.PSE is taken to be set; PSE-36, which puts such a page above 4 GiB, is not known here).
 *
 *     swap:   31           8 7 6 5    1 0
 *            +--------------+-+-+------+-+
 *            |    offset    |0|0| type |0|
 *            +--------------+-+-+------+-+
 *
 * Intel SDM volume 3, 4.3; Linux 2.6 include/asm-i386/pgtable.h, pgtable-2level.h.
 */
export const i386: Architecture = {
  name: "i386",
  wordBytes: 4,
  pageBytes: 4096,
  addressBits: 32,
  levels: [
    { name: "pgd", span: 2 ** 22, entryCount: 1024, leaf: pageSize, table },
    { ...pte, entryCount: 1024 },
  ],
  entryBytes: 4,
  bits: { ...linux2Bits, noExecute: 0, frameHigh: 0 },
  bitNames,
  swap: {
    type: { firstBit: 1, bitCount: 5 },
    offset: { firstBit: 8, bitCount: 24 },
    offsetInverted: false,
    softDirty: 0,
    uffdWp: 0,
  },
  taskSize: 0xc000_0000,
  mmapBase: 0xb7ff_f000,
};

/**
 * 32-bit x86 with PAE: entries of 64 bits with NX, and a root of four, which hold nothing but P and a frame and forbid
 * nothing. The swap entry fills the high word: bits 0 to 4 of it are the type, the others the offset.
 *
 * Intel SDM volume 3, 4.4; Linux 2.6 include/asm-i386/pgtable-3level.h, arch/i386/mm/pgtable.c (`pgd_alloc`).
 */
export const i386Pae: Architecture = {
  ...i386,
  name: "i386-pae",
  levels: [{ name: "pgd", span: 2 ** 30, entryCount: 4, leaf: 0, table: 0x001 }, pmd, pte],
  entryBytes: 8,
  bits: { ...linux2Bits, noExecute: 0x8000_0000, frameHigh: 0x000f_ffff },
  swap: { ...i386.swap, type: { firstBit: 32, bitCount: 5 }, offset: { firstBit: 37, bitCount: 27 } },
};

/*
 * A swap entry on x86-64, Linux 6.18 arch/x86/include/asm/pgtable_64.h. E marks a page that nobody else has, which we
 * leave 0: who else has a page stands in the frame table.
 *
 *     63    59 58                      9 8 7 6 5 4  3  2  1 0
 *    +--------+-------------------------+-+-+-+-+-+--+--+--+-+
 *    |  type  |  offset, turned over    |0|0|0|0|0|E |WP|SD|0|
 *    +--------+-------------------------+-+-+-+-+-+--+--+--+-+
 */
const linux6Swap: SwapLayout = {
  type: { firstBit: 59, bitCount: 5 },
  offset: { firstBit: 9, bitCount: 50 },
  offsetInverted: true,
  softDirty: 0x002,
  uffdWp: 0x004,
};

/**
 * 64-bit x86 with four levels of tables.
 *
 * Intel SDM volume 3, 4.5; Linux 6.18 arch/x86/include/asm/pgtable_types.h, pgtable_64.h, page_64_types.h.
 */
export const x86_64: Architecture = {
  name: "x86-64",
  wordBytes: 8,
  pageBytes: 4096,
  addressBits: 48,
  levels: [{ name: "pgd", span: 2 ** 39, entryCount: 512, leaf: 0, table }, pud, pmd, pte],
  entryBytes: 8,
  bits: linux6Bits,
  bitNames,
  swap: linux6Swap,
  taskSize: 0x7fff_ffff_f000,
  mmapBase: 0x7fff_f7ff_f000,
};

/**
 * 64-bit x86 with five levels of tables (LA57). A program's addresses end below 2^53 here, and not at 2^56: further up
 * a JavaScript number holds the address of a page, but not of each byte in it. Linux does not give `mmap` more than
 * 47 bits either, unless asked.
 *
 * Intel SDM volume 3, 4.5; Linux 6.18 Documentation/arch/x86/x86_64/5level-paging.rst.
 */
export const x86_64La57: Architecture = {
  ...x86_64,
  name: "x86-64-la57",
  addressBits: 57,
  levels: [
    { name: "pgd", span: 2 ** 48, entryCount: 512, leaf: 0, table },
    { name: "p4d", span: 2 ** 39, entryCount: 512, leaf: 0, table },
    pud,
    pmd,
    pte,
  ],
  taskSize: 2 ** 53 - 4096,
};
