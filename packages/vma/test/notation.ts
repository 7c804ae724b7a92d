// The notation of these tests: areas and calls in words, addresses and lengths in pages.

import {
  MADV_COLD,
  MADV_DODUMP,
  MADV_DOFORK,
  MADV_DONTDUMP,
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_FREE,
  MADV_HUGEPAGE,
  MADV_KEEPONFORK,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_PAGEOUT,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MADV_WIPEONFORK,
  MAP_32BIT,
  MAP_ABOVE4G,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_HUGETLB,
  MAP_LOCKED,
  MAP_NORESERVE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_STACK,
  MAP_SYNC,
  MREMAP_DONTUNMAP,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PROT_EXEC,
  PROT_GROWSDOWN,
  PROT_GROWSUP,
  PROT_READ,
  PROT_SEM,
  PROT_WRITE,
  VM_ACCESS_FLAGS,
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
  VM_MIXEDMAP,
  VM_NOHUGEPAGE,
  VM_NORESERVE,
  VM_PFNMAP,
  VM_RAND_READ,
  VM_SEQ_READ,
  VM_SHARED,
  VM_SOFTDIRTY,
  VM_SYNC,
  VM_WIPEONFORK,
  VM_WRITE,
  protFlags,
  protOf,
} from "@pagelapse/vma";
import type { Area, BrkCall, MadviseCall, MmapCall, MprotectCall, MremapCall, MunmapCall } from "@pagelapse/vma";

export const page = 4096;

/**
 * Areas in ascending order with `; ` between:
 * ```
 * 10-14 rw-p          private anonymous memory, as mmap would give it (VM_ACCOUNT where writable), its offset equal to its start
 * 10-14 rw-p @20 #1   ... with offset 20 and anon_vma 1
 * 10-14 r--p f+3      file f from its page 3 on; `f:2+3` through the open file 2
 * 10-14 rw-s :1+0     shared anonymous memory, object 1
 * 10-14 r--p -MAYWRITE +IO   flags unlike those that mmap gives
 * 10-14 rw-p [heap]   a name, where it is not the file's
 * ```
 */
export type AreasText = string;

/**
 * A call:
 * ```
 * mmap START PAGES RIGHTS anon|f+3|f:2+3|:1 [fixed+noreplace+down+locked+noreserve+stack+32bit+hugetlb+sync]
 * munmap START PAGES | mprotect START PAGES RIGHTS [down|up|sem] | mremap START OLD NEW none|may+fixed+keep [TO]
 * brk ADDRESS | madvise START PAGES ADVICE | touch PAGE
 * ```
 * RIGHTS are as in `rw-p`; the last letter is p, s, v (MAP_SHARED_VALIDATE) or 0 (no type). Files whose label begins with `r` are
 * opened for reading, with `w` for writing, others for both. `touch` is a store by the program.
 */
export type Line = string;

export type Call =
  | ({ readonly verb: "mmap" } & MmapCall)
  | ({ readonly verb: "munmap" } & MunmapCall)
  | ({ readonly verb: "mprotect" } & MprotectCall)
  | ({ readonly verb: "mremap" } & MremapCall)
  | ({ readonly verb: "brk" } & BrkCall)
  | ({ readonly verb: "madvise" } & MadviseCall)
  | { readonly verb: "touch"; readonly address: number };

export function parseCall(line: Line): Call {
  const words = line.split(" ");
  const at = (index: number): number => bytes(words[index]);
  switch (words[0]) {
    case "mmap":
      return { verb: "mmap", start: at(1), byteCount: at(2), ...mmapArguments(words[3], words[4], words[5] ?? "none") };
    case "munmap":
      return { verb: "munmap", start: at(1), byteCount: at(2) };
    case "mprotect":
      return {
        verb: "mprotect",
        start: at(1),
        byteCount: at(2),
        prot: protOfLetters(words[3]) | bitsOf(protWords, words[4] ?? "none"),
      };
    case "mremap":
      return {
        verb: "mremap",
        start: at(1),
        oldBytes: at(2),
        newBytes: at(3),
        flags: bitsOf(mremapWords, words[4]),
        to: words.length > 5 ? at(5) : 0,
      };
    case "brk":
      return { verb: "brk", address: at(1) };
    case "madvise":
      return { verb: "madvise", start: at(1), byteCount: at(2), advice: bitsOf(adviceWords, words[3]) };
    case "touch":
      return { verb: "touch", address: at(1) };
    default:
      throw new Error(`no such call: ${line}`);
  }
}

export function parseAreas(text: AreasText): readonly Area[] {
  return text === "" ? [] : text.split("; ").map(parseArea);
}

export function formatAreas(areas: readonly Area[]): AreasText {
  return areas.map(formatArea).join("; ");
}

function parseArea(text: string): Area {
  const [range, rights, ...words] = text.split(" ");
  const [start, end] = range.split("-").map(bytes);
  const source = words.find((word) => /^\w*(:\d+)?\+\d/.test(word));
  const { file, object, offset } =
    source === undefined ? { file: undefined, object: undefined, offset: undefined } : parseSource(source);
  const anonymousOffset = words.find((word) => word.startsWith("@"));
  const anonVma = words.find((word) => word.startsWith("#"));
  let flags = usualFlags(protFlags(protOfLetters(rights)), rights[3] === "s");
  for (const word of words) {
    if (/^\+[A-Z]/.test(word)) flags |= flagNames[word.slice(1)];
    if (/^-[A-Z]/.test(word)) flags &= ~flagNames[word.slice(1)];
  }
  return {
    start,
    end,
    flags,
    file,
    offset: offset ?? (anonymousOffset === undefined ? start : bytes(anonymousOffset.slice(1))),
    name: words.find((word) => word.startsWith("[")) ?? usualName(file, object),
    object,
    anonVma: anonVma === undefined ? undefined : Number(anonVma.slice(1)),
  };
}

function formatArea(area: Area): string {
  const { start, end, flags, file, object, offset, name, anonVma } = area;
  const isShared = (flags & VM_MAYSHARE) !== 0;
  const words = [`${pages(start)}-${pages(end)}`, rightsOf(area)];
  if (file !== undefined || object !== undefined)
    words.push(`${file ?? ""}${object === undefined ? "" : `:${object}`}+${pages(offset)}`);
  else if (offset !== start) words.push(`@${pages(offset)}`);
  if (anonVma !== undefined) words.push(`#${anonVma}`);
  const usual = usualFlags(flags, isShared);
  for (const [word, flag] of Object.entries(flagNames)) {
    if ((flags & ~usual & flag) !== 0) words.push(`+${word}`);
    if ((usual & ~flags & flag) !== 0) words.push(`-${word}`);
  }
  if (name !== usualName(file, object)) words.push(name);
  return words.join(" ");
}

/** `rw-p` */
export function rightsOf(area: Area): string {
  const prot = protOf(area.flags);
  const letters = [prot & PROT_READ ? "r" : "-", prot & PROT_WRITE ? "w" : "-", prot & PROT_EXEC ? "x" : "-"];
  return letters.join("") + ((area.flags & VM_MAYSHARE) === 0 ? "p" : "s");
}

/** What mmap gives: all may be allowed later, and private writable memory is accounted for. */
function usualFlags(access: number, isShared: boolean): number {
  const flags = (access & VM_ACCESS_FLAGS) | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_SOFTDIRTY;
  if (isShared) return flags | VM_SHARED | VM_MAYSHARE;
  return (access & VM_WRITE) === 0 ? flags : flags | VM_ACCOUNT;
}

/** Pages as a decimal number, fractions too: 12.5. */
export function pages(byteCount: number): string {
  return String(byteCount / page);
}

function bytes(word: string): number {
  return Number(word) * page;
}

function usualName(file: string | undefined, object: number | undefined): string {
  return file ?? (object === undefined ? "" : "/dev/zero (deleted)");
}

function protOfLetters(rights: string): number {
  return (rights[0] === "r" ? PROT_READ : 0) | (rights[1] === "w" ? PROT_WRITE : 0) | (rights[2] === "x" ? PROT_EXEC : 0);
}

function parseSource(word: string): { file: string | undefined; object: number | undefined; offset: number } {
  const [, file, object, offset] = /^(\w*)(?::(\d+))?(?:\+([\d.]+))?$/.exec(word) ?? [];
  return {
    file: file === "" ? undefined : file,
    object: object === undefined ? undefined : Number(object),
    offset: bytes(offset ?? "0"),
  };
}

function mmapArguments(rights: string, source: string, flagWords: string): Omit<MmapCall, "start" | "byteCount"> {
  const type = { p: MAP_PRIVATE, s: MAP_SHARED, v: MAP_SHARED_VALIDATE }[rights[3]] ?? 0;
  const flags = type | bitsOf(mmapWords, flagWords);
  const prot = protOfLetters(rights);
  if (source === "anon") return { prot, flags: flags | MAP_ANONYMOUS };
  const { file, object, offset } = parseSource(source);
  const named: { readonly object?: number } = object === undefined ? {} : { object };
  if (file === undefined) return { prot, flags: flags | MAP_ANONYMOUS, ...named };
  const access = file.startsWith("r") ? "read" : file.startsWith("w") ? "write" : "read-write";
  return { prot, flags, file, offset, access, ...named };
}

function bitsOf(names: Readonly<Record<string, number>>, words: string): number {
  return words.split("+").reduce((bits, word) => {
    if (!(word in names)) throw new Error(`no such word: ${word}`);
    return bits | names[word];
  }, 0);
}

const mmapWords: Readonly<Record<string, number>> = {
  none: 0,
  fixed: MAP_FIXED,
  noreplace: MAP_FIXED_NOREPLACE,
  down: MAP_GROWSDOWN,
  locked: MAP_LOCKED,
  noreserve: MAP_NORESERVE,
  stack: MAP_STACK,
  "32bit": MAP_32BIT,
  above4g: MAP_ABOVE4G,
  hugetlb: MAP_HUGETLB,
  sync: MAP_SYNC,
  "0x200": 0x200,
  "0x200000": 0x20_0000,
};
const protWords: Readonly<Record<string, number>> = {
  none: 0,
  down: PROT_GROWSDOWN,
  up: PROT_GROWSUP,
  sem: PROT_SEM,
  "0x10": 0x10,
};
const mremapWords: Readonly<Record<string, number>> = {
  none: 0,
  may: MREMAP_MAYMOVE,
  fixed: MREMAP_FIXED,
  keep: MREMAP_DONTUNMAP,
  "8": 8,
};
const adviceWords: Readonly<Record<string, number>> = {
  normal: MADV_NORMAL,
  random: MADV_RANDOM,
  sequential: MADV_SEQUENTIAL,
  willneed: MADV_WILLNEED,
  dontneed: MADV_DONTNEED,
  free: MADV_FREE,
  dontfork: MADV_DONTFORK,
  dofork: MADV_DOFORK,
  dontdump: MADV_DONTDUMP,
  dodump: MADV_DODUMP,
  wipeonfork: MADV_WIPEONFORK,
  keeponfork: MADV_KEEPONFORK,
  hugepage: MADV_HUGEPAGE,
  nohugepage: MADV_NOHUGEPAGE,
  cold: MADV_COLD,
  pageout: MADV_PAGEOUT,
  "99": 99,
};
/** Flags that stand in the notation, but for those that the rights say. */
export const flagNames: Readonly<Record<string, number>> = {
  MAYREAD: VM_MAYREAD,
  MAYWRITE: VM_MAYWRITE,
  MAYEXEC: VM_MAYEXEC,
  SHARED: VM_SHARED,
  GROWSDOWN: VM_GROWSDOWN,
  PFNMAP: VM_PFNMAP,
  LOCKED: VM_LOCKED,
  IO: VM_IO,
  SEQ_READ: VM_SEQ_READ,
  RAND_READ: VM_RAND_READ,
  DONTCOPY: VM_DONTCOPY,
  DONTEXPAND: VM_DONTEXPAND,
  ACCOUNT: VM_ACCOUNT,
  NORESERVE: VM_NORESERVE,
  SYNC: VM_SYNC,
  WIPEONFORK: VM_WIPEONFORK,
  DONTDUMP: VM_DONTDUMP,
  SOFTDIRTY: VM_SOFTDIRTY,
  MIXEDMAP: VM_MIXEDMAP,
  HUGEPAGE: VM_HUGEPAGE,
  NOHUGEPAGE: VM_NOHUGEPAGE,
};
