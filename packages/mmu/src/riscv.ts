// RISC-V: sv39, three levels of tables.

import type { Architecture } from "./architecture.ts";

const table = 0x001;
/** R, W and X: with any of them an entry maps memory, at whatever level it stands. */
const leaf = 0x00e;

/**
 * 64-bit RISC-V with 39-bit addresses. W without R is reserved, so what may be written may be read.
 *
 *     63    54 53          10 9 8 7 6 5 4 3 2 1 0
 *    +--------+--------------+---+-+-+-+-+-+-+-+-+
 *    |   0    | frame number |RSW|D|A|G|U|X|W|R|V|
 *    +--------+--------------+---+-+-+-+-+-+-+-+-+
 *
 *     swap:  63          12 11   7 6 5 4 3 2 1 0
 *           +--------------+------+-+-+-+-----+-+
 *           |    offset    | type |E|0|0|  0  |0|
 *           +--------------+------+-+-+-+-----+-+
 *
 * A and D are set by hardware (Svadu). An entry that leads to a table has V alone, and forbids nothing. G marks
 * `PROT_NONE` where V is clear. Linux 6.18 has neither soft-dirty nor uffd-wp here.
 *
 * RISC-V Privileged Architecture, 12.4 (Sv39); Linux 6.18 arch/riscv/include/asm/pgtable.h, pgtable-bits.h, pgtable-64.h.
 */
export const sv39: Architecture = {
  name: "sv39",
  wordBytes: 8,
  pageBytes: 4096,
  addressBits: 39,
  levels: [
    { name: "pgd", span: 2 ** 30, entryCount: 512, leaf, table },
    { name: "pmd", span: 2 ** 21, entryCount: 512, leaf, table },
    { name: "pte", span: 2 ** 12, entryCount: 512, leaf, table: 0 },
  ],
  entryBytes: 8,
  bits: {
    present: 0x001,
    read: 0x002,
    write: 0x004,
    execute: 0x008,
    noExecute: 0,
    user: 0x010,
    accessed: 0x040,
    dirty: 0x080,
    softDirty: 0,
    uffdWp: 0,
    protectNone: 0x020,
    forbidden: 0x022,
    large: 0,
    frameShift: 10,
    frameHigh: 0x003f_ffff,
  },
  bitNames: ["V", "R", "W", "X", "U", "G", "A", "D"],
  swap: {
    type: { firstBit: 7, bitCount: 5 },
    offset: { firstBit: 12, bitCount: 52 },
    offsetInverted: false,
    softDirty: 0,
    uffdWp: 0,
  },
  taskSize: 0x40_0000_0000,
  mmapBase: 0x3f_f800_0000,
};
