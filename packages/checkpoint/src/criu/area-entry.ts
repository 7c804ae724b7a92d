// An area as CRIU writes it, and back: what PROT_*, MAP_*, MADV_* and the status say of VM_* bits.

import {
  MADV_DONTDUMP,
  MADV_DONTFORK,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WIPEONFORK,
  MAP_ANONYMOUS,
  MAP_GROWSDOWN,
  MAP_LOCKED,
  MAP_NORESERVE,
  MAP_PRIVATE,
  MAP_SHARED,
  VM_ACCOUNT,
  VM_DONTCOPY,
  VM_DONTDUMP,
  VM_DONTEXPAND,
  VM_GROWSDOWN,
  VM_HUGEPAGE,
  VM_IO,
  VM_LOCKED,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_NOHUGEPAGE,
  VM_NORESERVE,
  VM_PFNMAP,
  VM_RAND_READ,
  VM_SEQ_READ,
  VM_SHARED,
  VM_WIPEONFORK,
  VM_WRITE,
  protFlags,
  protOf,
} from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { VmaEntry } from "./mm.ts";

/** `VMA_*` of criu/include/image.h. */
export const statusBits = {
  regular: 0x1,
  stack: 0x2,
  vsyscall: 0x4,
  vdso: 0x8,
  heap: 0x20,
  filePrivate: 0x40,
  fileShared: 0x80,
  anonShared: 0x100,
  anonPrivate: 0x200,
  vvar: 0x1000,
} as const;

const { regular, stack, vdso, heap, filePrivate, fileShared, anonShared, anonPrivate, vvar } = statusBits;

/** What areas without a file are called, and the status that says so. */
const nameBits: ReadonlyMap<string, number> = new Map([
  ["[heap]", heap],
  ["[stack]", stack],
  ["[vdso]", vdso],
  ["[vvar]", vvar],
]);

/** The MAP_* that CRIU takes from `VmFlags` of /proc/PID/smaps, and what each stands for: `__parse_vmflags`. */
const mapBits: readonly (readonly [number, number])[] = [
  [MAP_GROWSDOWN, VM_GROWSDOWN],
  [MAP_LOCKED, VM_LOCKED],
  [MAP_NORESERVE, VM_NORESERVE],
];

/** The MADV_* that it takes from there. */
const adviceBits: readonly (readonly [number, number])[] = [
  [MADV_RANDOM, VM_RAND_READ],
  [MADV_SEQUENTIAL, VM_SEQ_READ],
  [MADV_DONTFORK, VM_DONTCOPY],
  [MADV_HUGEPAGE, VM_HUGEPAGE],
  [MADV_NOHUGEPAGE, VM_NOHUGEPAGE],
  [MADV_DONTDUMP, VM_DONTDUMP],
  [MADV_WIPEONFORK, VM_WIPEONFORK],
];

/** MADV_MERGEABLE, which CRIU also keeps: advice about memory of a kind that areas here do not tell apart. */
const mergeable = 12;

/** O_RDWR; O_RDONLY is 0. */
const readWrite = 2;

/** The kind of memory an area maps. */
export type Backing = "file-private" | "file-shared" | "anonymous-shared" | "anonymous-private";

/** What an area maps. */
export function backingOf(area: Area): Backing {
  if (area.file !== undefined) return (area.flags & VM_MAYSHARE) === 0 ? "file-private" : "file-shared";
  return area.object === undefined ? "anonymous-private" : "anonymous-shared";
}

const backingBits: Readonly<Record<Backing, number>> = {
  "file-private": filePrivate,
  "file-shared": fileShared,
  "anonymous-shared": anonShared,
  "anonymous-private": anonPrivate,
};

/** The entry of an area; `fileId`: of its file, if it has one. The offset of private memory without a file is not kept: CRIU has 0. */
export function entryOf(area: Area, fileId: number | undefined): VmaEntry {
  const backing = backingOf(area);
  const isShared = backing === "file-shared" || backing === "anonymous-shared";
  const name = area.file === undefined ? (nameBits.get(area.name) ?? 0) : 0;
  let flags = (isShared ? MAP_SHARED : MAP_PRIVATE) + (area.file === undefined ? MAP_ANONYMOUS : 0);
  for (const [map, flag] of mapBits) if ((area.flags & flag) !== 0) flags += map;
  let madv = 0n;
  for (const [advice, flag] of adviceBits) if ((area.flags & flag) !== 0) madv += 1n << BigInt(advice);
  return {
    start: area.start,
    end: area.end,
    pgoff: backing === "anonymous-private" ? 0 : area.offset,
    shmid: fileId ?? area.object ?? 0,
    prot: protOf(area.flags),
    flags,
    status: regular + backingBits[backing] + name,
    fd: -1,
    madv: madv === 0n ? undefined : madv,
    fdflags: area.file === undefined ? undefined : (area.flags & VM_SHARED) === 0 ? 0 : readWrite,
  };
}

/** An entry that is no area of ours: what is expected in its place, and what it says. */
export interface ForeignEntry {
  readonly expected: string;
  readonly found: string;
}

/**
 * The area of an entry; `nameOf` knows the files of files.img. VM_* bits that CRIU does not keep are those that `mmap` would have
 * given: VM_MAY*, and VM_ACCOUNT of private memory that can be written.
 */
export function areaOf(entry: VmaEntry, nameOf: (fileId: number) => string | undefined): Area | ForeignEntry {
  const backing = backings.find((kind) => entry.status === regular + backingBits[kind] + (entry.status & nameMask));
  if (backing === undefined) return foreign("private or shared memory, anonymous or of a file", "status", entry.status);
  const isShared = backing === "file-shared" || backing === "anonymous-shared";
  const isFile = backing === "file-private" || backing === "file-shared";
  const kind = (isShared ? MAP_SHARED : MAP_PRIVATE) + (isFile ? 0 : MAP_ANONYMOUS);
  const maps = mapBits.filter(([map]) => (entry.flags & map) !== 0);
  if (entry.flags !== maps.reduce((sum, [map]) => sum + map, kind)) {
    return foreign("MAP_* of such memory, with no huge pages", "flags", entry.flags);
  }
  if (entry.prot > 7) return foreign("PROT_*", "prot", entry.prot);
  const advice = adviceBits.filter(([bit]) => ((entry.madv ?? 0n) & (1n << BigInt(bit))) !== 0n);
  const known = advice.reduce((sum, [bit]) => sum + (1n << BigInt(bit)), (entry.madv ?? 0n) & (1n << BigInt(mergeable)));
  if ((entry.madv ?? 0n) !== known) return foreign("MADV_* of include/uapi/asm-generic/mman-common.h", "madv", entry.madv ?? 0n);
  const file = isFile ? nameOf(entry.shmid) : undefined;
  if (isFile && file === undefined) return foreign("the id of a regular file in files.img", "shmid", entry.shmid);

  const isWritable = backing !== "file-shared" || ((entry.fdflags ?? entry.prot & 2) & 3) === readWrite;
  let flags = protFlags(entry.prot) + VM_MAYREAD + VM_MAYEXEC + (isWritable ? VM_MAYWRITE : 0);
  if (isShared) flags += VM_MAYSHARE + (isWritable ? VM_SHARED : 0);
  for (const [, flag] of [...maps, ...advice]) flags += flag;
  if (!isShared && (flags & (VM_WRITE | VM_NORESERVE)) === VM_WRITE) flags += VM_ACCOUNT;
  const [name = ""] = [...nameBits].find(([, bit]) => (entry.status & bit) !== 0) ?? [];
  if (name === "[vdso]") flags += VM_DONTEXPAND;
  if (name === "[vvar]") flags = (flags | VM_DONTDUMP) + VM_DONTEXPAND + VM_IO + VM_PFNMAP;
  return {
    start: entry.start,
    end: entry.end,
    flags,
    file,
    offset: backing === "anonymous-private" ? entry.start : entry.pgoff,
    name: file ?? name,
    object: backing === "anonymous-shared" ? entry.shmid : undefined,
    anonVma: undefined,
  };
}

const backings: readonly Backing[] = ["file-private", "file-shared", "anonymous-shared", "anonymous-private"];
const nameMask = stack + vdso + heap + vvar;

function foreign(expected: string, field: string, value: number | bigint): ForeignEntry {
  return { expected, found: `${field} 0x${value.toString(16)}` };
}
