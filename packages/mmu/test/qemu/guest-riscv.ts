// The same for RISC-V: a guest that stays in machine mode, whose loads and stores are translated as a supervisor's (MPRV).

import { sv39 } from "@pagelapse/mmu";
import type { Guest, TableWord } from "./guest.ts";
import { little, tablesOf } from "./guest.ts";

const ramStart = 0x8000_0000;
const tablesAt = 0x8010_0000;
const constantsOffset = 0x200;

const SATP = 0x180;
const MSTATUS = 0x300;
const PMPCFG0 = 0x3a0;
const PMPADDR0 = 0x3b0;
const MPRV_AS_SUPERVISOR = (1n << 17n) + (1n << 11n);
/** Supervisors may touch what is a program's. */
const SUM = 1n << 18n;

// Registers: x5 holds the start of RAM, x6 a constant, x8 what is loaded and stored, x10 and on the addresses.
const auipc5 = 0x0000_0297;
const load = (register: number, offset: number): number => offset * 2 ** 20 + register * 2 ** 7 + 0x0002_b003; // ld register, offset(x5)
const set6 = (value: number): number => value * 2 ** 20 + 0x0000_0313; // addi x6, x0, value
const csrw = (register: number): number => register * 2 ** 20 + 0x0003_1073; // csrw register, x6
const csrs = (register: number): number => register * 2 ** 20 + 0x0003_2073; // csrs register, x6
const touch = {
  read: (register: number): number => register * 2 ** 15 + 0x0000_0403, // lb x8, 0(register)
  write: (register: number): number => register * 2 ** 15 + 0x0080_0023, // sb x8, 0(register)
};
const sfence = 0x1200_0073;
const wfi = 0x1050_0073;
const stay = 0x0000_006f; // j .

/** An entry that leads to the guest's table of that number. */
const table = (number: number): bigint => (BigInt(tablesAt / 0x1000 + number) << 10n) + 1n;
const page = (frame: bigint, flags: bigint): bigint => (frame << 10n) + flags;

const words: readonly TableWord[] = [
  [0, 0, table(1)],
  [0, 1, page(0x4_0000n, 0x1bn)],
  [0, 2, page(0x8_0000n, 0x0fn)],
  [0, 255, page(0xc_0000n, 0xd7n)],
  [0, 256, table(3)],
  [0, 511, table(3)],
  [1, 0, table(2)],
  [1, 1, page(0x8_0200n, 0x17n)],
  [1, 2, page(0x8_0400n, 0x03n)],
  [1, 3, table(2)],
  [2, 1, page(0x8_0600n, 0x17n)],
  [2, 2, page(0x8_0601n, 0x17n)],
  [2, 3, page(0x8_0602n, 0x17n)],
  [2, 4, page(0x8_0603n, 0x13n)],
  [2, 5, page(0x8_0604n, 0x19n)],
  [2, 6, page(0x8_0605n, 0x2fn)],
  [2, 7, page(0x8_0606n, 0x01n)],
  [2, 8, page(0x8_0607n, 0x16n)],
  [2, 9, page(0x12_3456_789an, 0x103n)],
  [2, 511, page(0x8_0608n, 0xd7n)],
  [3, 0, table(4)],
  [3, 511, page(0x8_0800n, 0xe7n)],
  [4, 0, page(0x8_0609n, 0x07n)],
  [4, 511, page(0x8_060an, 0x03n)],
];

const accesses = [
  ["write", 0x1010n],
  ["read", 0x3020n],
  ["write", 0x20_5000n],
  ["read", 0x40_0123n],
  ["read", 0x60_4000n],
  ["write", 0xffff_ffc0_0000_0008n],
] as const;

function firmwareOf(): Uint8Array {
  const constants = [
    (1n << 54n) - 1n, // PMP: all of memory
    (8n << 60n) + BigInt(tablesAt / 0x1000), // satp: sv39, and the root
    MPRV_AS_SUPERVISOR + SUM,
    ...accesses.map(([, vaddr]) => vaddr),
  ];
  const constant = (index: number): number => constantsOffset + index * 8;
  const code = [
    auipc5,
    load(6, constant(0)),
    csrw(PMPADDR0),
    set6(0x1f),
    csrw(PMPCFG0),
    load(6, constant(1)),
    csrw(SATP),
    sfence,
    ...accesses.map((_, index) => load(10 + index, constant(index + 3))),
    load(6, constant(2)),
    csrs(MSTATUS),
    ...accesses.map(([access], index) => touch[access](10 + index)),
    wfi,
    stay,
  ];
  const bytes = new Uint8Array(0x1000);
  bytes.set(
    code.flatMap((word) => little(word, 4)),
    0,
  );
  bytes.set(
    constants.flatMap((value) => little(value, 8)),
    constantsOffset,
  );
  return bytes;
}

/** Address of the instruction after `wfi`. */
const restsAt = ramStart + (11 + accesses.length * 2) * 4;

/** A guest that uses sv39. */
export const riscvGuest: Guest = {
  architecture: sv39,
  root: tablesAt,
  tablesAt,
  tables: tablesOf(sv39, words),
  accesses,
  machine: {
    program: "qemu-system-riscv64",
    firmware: firmwareOf(),
    options: (file) => [
      "-machine",
      "virt",
      "-bios",
      "none",
      "-device",
      `loader,file=${file},addr=0x${ramStart.toString(16)},force-raw=on`,
    ],
    halted: (registers) => new RegExp(`\\bpc\\s+0*${restsAt.toString(16)}\\b`).test(registers),
  },
};
