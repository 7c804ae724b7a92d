// mm-PID.img: the address space of a process, and its areas.

import { message, nested, optional, repeated, required } from "./message.ts";
import type { MessageType } from "./message.ts";
import { decodeOne, encodeAll } from "./record-file.ts";
import { bits64, sint64, uint32, uint64 } from "./scalars.ts";

/** `mm_entry`. Addresses that nobody knows are 0. */
export interface MmEntry {
  readonly startCode: number;
  readonly endCode: number;
  readonly startData: number;
  readonly endData: number;
  readonly startStack: number;
  readonly startBrk: number;
  readonly brk: number;
  readonly argStart: number;
  readonly argEnd: number;
  readonly envStart: number;
  readonly envEnd: number;
  /** Of the program's file in files.img. */
  readonly exeFileId: number;
  readonly vmas: readonly VmaEntry[];
}

/** `vma_entry`; `areaOf` says what each number means. */
export interface VmaEntry {
  readonly start: number;
  readonly end: number;
  /** Bytes into what is mapped. */
  readonly pgoff: number;
  /** Of shared memory, or of the file in files.img; 0 for private memory without a file. */
  readonly shmid: number;
  /** PROT_* */
  readonly prot: number;
  /** MAP_* */
  readonly flags: number;
  /** VMA_AREA_*, VMA_FILE_*, VMA_ANON_* */
  readonly status: number;
  /** Not used since long ago: -1. */
  readonly fd: number;
  /** Bit n: MADV_* of that number is in force. */
  readonly madv: bigint | undefined;
  /** O_* with which a mapped file was opened. */
  readonly fdflags: number | undefined;
}

const vmaEntry: MessageType<VmaEntry> = message("vma_entry", {
  start: required(1, uint64),
  end: required(2, uint64),
  pgoff: required(3, uint64),
  shmid: required(4, uint64),
  prot: required(5, uint32),
  flags: required(6, uint32),
  status: required(7, uint32),
  fd: required(8, sint64),
  madv: optional(9, bits64),
  fdflags: optional(10, uint32),
});

const mmEntry: MessageType<MmEntry> = message("mm_entry", {
  startCode: required(1, uint64),
  endCode: required(2, uint64),
  startData: required(3, uint64),
  endData: required(4, uint64),
  startStack: required(5, uint64),
  startBrk: required(6, uint64),
  brk: required(7, uint64),
  argStart: required(8, uint64),
  argEnd: required(9, uint64),
  envStart: required(10, uint64),
  envEnd: required(11, uint64),
  exeFileId: required(12, uint32),
  vmas: repeated(14, nested(vmaEntry)),
});

/** The file. */
export function encodeMm(mm: MmEntry): Uint8Array {
  return encodeAll("mm", mmEntry, [mm]);
}

/** Reads the file; `areasOf` judges what its areas say. Throws `BadImage`. */
export function decodeMm(file: string, bytes: Uint8Array): MmEntry {
  return decodeOne("mm", mmEntry, file, bytes);
}
