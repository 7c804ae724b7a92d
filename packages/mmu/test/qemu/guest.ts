// What a guest is: its page tables, the firmware that switches paging on, and the accesses it makes before it halts.

import type { Architecture } from "@pagelapse/mmu";

/** Table, entry, value. */
export type TableWord = readonly [table: number, index: number, value: bigint];

export interface Guest {
  readonly architecture: Architecture;
  /** Physical address of the root. */
  readonly root: number;
  /** Where the guest's tables lie, and their bytes before it runs. */
  readonly tablesAt: number;
  readonly tables: Uint8Array;
  /** What it makes before it halts, fetches of instructions and its own constants among them. */
  readonly accesses: readonly (readonly ["read" | "write", bigint])[];
  readonly machine: Machine;
}

/** How QEMU is made to run it. */
interface Machine {
  readonly program: string;
  readonly firmware: Uint8Array;
  readonly options: (firmwareFile: string) => readonly string[];
  /** Whether the guest has halted, by what the monitor prints for `info registers`. */
  readonly halted: (registers: string) => boolean;
}

/** Frames that a guest's tables fill. */
const tableFrames = 9;

/** The bytes of tables that hold these words, and nothing else. */
export function tablesOf(architecture: Architecture, words: readonly TableWord[]): Uint8Array {
  const bytes = new Uint8Array(tableFrames * 0x1000);
  const view = new DataView(bytes.buffer);
  for (const [table, index, value] of words) {
    const at = table * 0x1000 + index * architecture.entryBytes;
    if (architecture.entryBytes === 8) view.setBigUint64(at, value, true);
    else view.setUint32(at, Number(value), true);
  }
  return bytes;
}

/** The little-endian bytes of a number. */
export function little(value: bigint | number, byteCount: number): number[] {
  return Array.from({ length: byteCount }, (_, i) => Number((BigInt(value) >> BigInt(i * 8)) & 0xffn));
}
