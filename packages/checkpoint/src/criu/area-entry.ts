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
  memfd: 0x4000,
} as const;

const { regular, stack, vdso, heap, filePrivate, fileShared, anonShared, anonPrivate, vvar, memfd } = statusBits;

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

/** A file that an entry's `shmid` can name, or the shared memory behind one that has no name. */
export type Mappable = { readonly file: string } | { readonly object: number };

/**
 * The area of an entry; `mappable` knows the files of files.img. VM_* bits that CRIU does not keep are those that `mmap` would have
 * given: VM_MAY*, and VM_ACCOUNT of private memory that can be written.
 */
export function areaOf(entry: VmaEntry, mappable: (fileId: number) => Mappable | undefined): Area | ForeignEntry {
  const { start, end, prot, status, shmid, madv = 0n } = entry;
  const backing = backings.find((kind) => status === regular + backingBits[kind] + (status & (nameMask + memfd)));
  if (backing === undefined || ((status & memfd) !== 0 && backing !== "file-shared")) {
    return foreign("private or shared memory, anonymous or of a file", "status", status);
  }
  const isShared = backing === "file-shared" || backing === "anonymous-shared";
  const isFile = backing === "file-private" || backing === "file-shared";
  const maps = mapBits.filter(([map]) => (entry.flags & map) !== 0);
  const kind = (isShared ? MAP_SHARED : MAP_PRIVATE) + (isFile ? 0 : MAP_ANONYMOUS);
  if (entry.flags !== maps.reduce((sum, [map]) => sum + map, kind)) {
    return foreign("MAP_* of such memory, with no huge pages", "flags", entry.flags);
  }
  if (prot > 7) return foreign("PROT_*", "prot", prot);
  const advice = adviceBits.filter(([bit]) => (madv & (1n << BigInt(bit))) !== 0n);
  const known = advice.reduce((sum, [bit]) => sum + (1n << BigInt(bit)), madv & (1n << BigInt(mergeable)));
  if (madv !== known) return foreign("advice that madvise(2) takes", "madv", madv);
  const mapped = isFile ? mappable(shmid) : { object: isShared ? shmid : undefined };
  if (mapped === undefined || (isFile && "object" in mapped !== ((status & memfd) !== 0))) {
    return foreign("the id of such a file in files.img", "shmid", shmid);
  }
  const { file, object } = { file: undefined, object: undefined, ...mapped };
  const isWritable = backing !== "file-shared" || ((entry.fdflags ?? prot & 2) & 3) === readWrite;
  let flags = protFlags(prot) + VM_MAYREAD + VM_MAYEXEC + (isWritable ? VM_MAYWRITE : 0);
  if (isShared) flags += VM_MAYSHARE + (isWritable ? VM_SHARED : 0);
  for (const [, flag] of [...maps, ...advice]) flags += flag;
  if (!isShared && (flags & (VM_WRITE | VM_NORESERVE)) === VM_WRITE) flags += VM_ACCOUNT;
  const [name = ""] = [...nameBits].find(([, bit]) => (status & bit) !== 0) ?? [];
  if (name === "[vdso]") flags += VM_DONTEXPAND;
  if (name === "[vvar]") flags = (flags | VM_DONTDUMP) + VM_DONTEXPAND + VM_IO + VM_PFNMAP;
  const offset = backing === "anonymous-private" ? start : entry.pgoff;
  return { start, end, flags, file, offset, name: file ?? name, object, anonVma: undefined };
}

const backings: readonly Backing[] = ["file-private", "file-shared", "anonymous-shared", "anonymous-private"];
const nameMask = stack + vdso + heap + vvar;

function foreign(expected: string, field: string, value: number | bigint): ForeignEntry {
  return { expected, found: `${field} 0x${value.toString(16)}` };
}
