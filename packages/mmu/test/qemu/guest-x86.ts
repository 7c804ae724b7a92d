// A guest of about a hundred bytes: page tables written by hand, paging switched on, a few accesses, halt.

import type { Architecture } from "@pagelapse/mmu";
import { i386, i386Pae, x86_64, x86_64La57 } from "@pagelapse/mmu";
import type { Guest, TableWord } from "./guest.ts";
import { little, tablesOf } from "./guest.ts";

/*
 * The ROM fills the last 64 KiB below 4 GiB. The processor begins at its last 16 bytes in real mode, with a code segment that
 * reaches there, and switches to the wanted mode in one step: CR0.PE and CR0.PG together.
 */
const tablesAt = 0x10_0000;
const romBytes = 0x1_0000;
const romStart = 0xffff_0000;
const gdtOffset = 0x100;
const laterOffset = 0x200;

const PAE = 0x20;
const PSE = 0x10;
const LA57 = 0x1000;
const LONG_MODE = 0x100;
const NO_EXECUTE = 0x800;

interface Mode {
  readonly architecture: Architecture;
  readonly root: number;
  readonly cr4: number;
  readonly efer: number;
  readonly tables: readonly TableWord[];
  readonly accesses: readonly (readonly ["read" | "write", bigint])[];
}

function romOf({ root, cr4, efer, accesses }: Mode): Uint8Array {
  const isLong = (efer & LONG_MODE) !== 0;
  const rom = new Uint8Array(romBytes);
  const real = [
    [0xfa], // cli
    [0x2e, 0x66, 0x0f, 0x01, 0x16, ...little(gdtOffset, 2)], // lgdt cs:[gdt]
    [0x66, 0xb8, ...little(cr4, 4)], // mov eax, cr4's value
    [0x0f, 0x22, 0xe0], // mov cr4, eax
    [0x66, 0xb8, ...little(root, 4)], // mov eax, root
    [0x0f, 0x22, 0xd8], // mov cr3, eax
    [0x66, 0xb9, ...little(0xc000_0080, 4)], // mov ecx, EFER
    [0x66, 0xb8, ...little(efer, 4)], // mov eax, efer's value
    [0x66, 0x31, 0xd2], // xor edx, edx
    [0x0f, 0x30], // wrmsr
    [0x66, 0xb8, ...little(0x8001_0011, 4)], // mov eax, PG | WP | ET | PE
    [0x0f, 0x22, 0xc0], // mov cr0, eax
    [0x66, 0xea, ...little(romStart + laterOffset, 4), 0x08, 0x00], // jmp 8:later
  ];
  const addressBytes = isLong ? 8 : 4;
  const later = [
    [0x66, 0xb8, 0x10, 0x00], // mov ax, 16
    [0x8e, 0xd8], // mov ds, ax
    ...accesses.map(([access, vaddr]) => [access === "read" ? 0xa0 : 0xa2, ...little(vaddr, addressBytes)]), // mov al, [vaddr]; mov [vaddr], al
    [0xf4, 0xeb, 0xfd], // hlt; jmp back to it
  ];
  rom.set(real.flat(), 0);
  // Limit and base of the GDT, then its entries: none, code (64 or 32 bits, accessed already), data.
  rom.set([...little(23, 2), ...little(romStart + gdtOffset + 8, 4)], gdtOffset);
  rom.set([0xff, 0xff, 0, 0, 0, 0x9b, isLong ? 0xaf : 0xcf, 0], gdtOffset + 16);
  rom.set([0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0], gdtOffset + 24);
  rom.set(later.flat(), laterOffset);
  rom.set([0xe9, ...little(0x0d, 2)], romBytes - 16); // jmp 0
  return rom;
}

/*
 * Entries that lead to tables have A already, as Linux writes them; those of the others get it, and D, from the processor.
 * Some tables stand in two places; one entry leads to pages beyond 4 GiB, one has PAT in the lowest bit of a large frame.
 */

/** The physical address of the guest's table of that number. */
const table = (number: number): bigint => BigInt(tablesAt + number * 0x1000);
const NX = 1n << 63n;

// Tables 2 to 4 serve PAE and long mode alike: a directory, the pages it shares, and the directory with the ROM.
const directory: readonly TableWord[] = [
  [2, 0, table(3) + 0x27n],
  [2, 1, 0x20_0087n],
  [2, 2, 0x40_0081n + NX],
  [2, 3, table(3) + 0x25n],
  [2, 4, table(3) + 0x23n],
  [2, 5, table(3) + 0x27n + NX],
  [2, 6, 0x60_1087n],
  [2, 7, 0x80_00e6n],
  [3, 1, 0x20_0007n],
  [3, 2, 0x20_1007n],
  [3, 3, 0x20_2005n],
  [3, 4, 0x20_3003n],
  [3, 5, 0x20_4007n + NX],
  [3, 6, 0x20_501fn],
  [3, 7, 0x20_6103n],
  [3, 8, 0x20_7087n],
  [3, 9, 0xdead_b000n],
  [3, 10, 0x12_3456_7e01n],
  [3, 511, 0x20_8067n],
  [4, 511, 0xffe0_0081n],
];

const long: readonly TableWord[] = [
  ...directory,
  [0, 0, table(1) + 0x27n],
  [0, 256, table(5) + 0x23n],
  [0, 511, table(5) + 0x23n],
  [1, 0, table(2) + 0x27n],
  [1, 1, 0x183n],
  [1, 2, 0x4000_0085n + NX],
  [1, 3, table(4) + 0x27n],
  [1, 511, 0x8000_0087n],
  [5, 0, table(6) + 0x23n],
  [6, 0, table(7) + 0x23n],
  [6, 511, 0x80_0183n + NX],
  [7, 0, 0x20_9163n + NX],
  [7, 5, 0x20_a003n],
  [7, 511, 0x20_b001n],
];

const lowAccesses = [
  ["write", 0x1010n],
  ["read", 0x2020n],
  ["write", 0x20_5000n],
  ["read", 0x40_0123n],
  ["read", 0x60_3000n],
] as const;

const pages32: readonly TableWord[] = [
  [0, 0, table(1) + 0x27n],
  [0, 1, 0x40_0087n],
  [0, 2, 0x80_0081n],
  [0, 3, table(1) + 0x25n],
  [0, 4, table(1) + 0x23n],
  [0, 5, 0xc0_0186n],
  [0, 1023, 0xffc0_0081n],
  [1, 1, 0x20_0007n],
  [1, 2, 0x20_1007n],
  [1, 3, 0x20_2005n],
  [1, 4, 0x20_301bn],
  [1, 5, 0x20_4103n],
  [1, 6, 0xdead_b000n],
  [1, 1023, 0x20_5067n],
];

const modes: readonly Mode[] = [
  {
    architecture: i386,
    root: tablesAt,
    cr4: PSE,
    efer: 0,
    tables: pages32,
    accesses: [
      ["write", 0x1010n],
      ["read", 0x2020n],
      ["write", 0x40_5000n],
      ["read", 0x80_0123n],
      ["read", 0xc0_3000n],
    ],
  },
  {
    architecture: i386Pae,
    root: tablesAt + 32,
    cr4: PAE,
    efer: NO_EXECUTE,
    // QEMU sets bit 5 in the root's entries as if it were A; processors keep it reserved.
    tables: [...directory, [0, 4, table(2) + 0x21n], [0, 6, table(2) + 0x21n], [0, 7, table(4) + 0x21n]],
    accesses: lowAccesses,
  },
  {
    architecture: x86_64,
    root: tablesAt,
    cr4: PAE,
    efer: LONG_MODE + NO_EXECUTE,
    tables: long,
    accesses: [...lowAccesses, ["write", 0x4000_1000n], ["write", 0xffff_8000_0000_5000n]],
  },
  {
    architecture: x86_64La57,
    root: tablesAt + 0x8000,
    cr4: PAE + LA57,
    efer: LONG_MODE + NO_EXECUTE,
    tables: [...long, [8, 0, table(0) + 0x27n], [8, 511, table(0) + 0x27n]],
    accesses: [...lowAccesses, ["write", 0x4000_1000n], ["write", 0xffff_8000_0000_5000n]],
  },
];

/** A guest for each kind of paging that x86 has. */
export const x86Guests: readonly Guest[] = modes.map((mode) => ({
  architecture: mode.architecture,
  root: mode.root,
  tablesAt,
  tables: tablesOf(mode.architecture, mode.tables),
  // The instructions are fetched through the tables.
  accesses: [...mode.accesses, ["read", BigInt(romStart)]],
  machine: {
    program: "qemu-system-x86_64",
    firmware: romOf(mode),
    options: (firmwareFile) => ["-cpu", "max", "-bios", firmwareFile],
    halted: (registers) => registers.includes("HLT=1"),
  },
}));
