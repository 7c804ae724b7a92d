// What Linux does, case by case: areas before, a call, its result, areas after (`=`: as before).

import { applyAreaChange, growStack } from "@pagelapse/vma";
import type { AddressLayout } from "@pagelapse/vma";
import { describe, expect, test } from "vitest";
import { formatAreas, page, parseAreas } from "./notation.ts";
import type { AreasText, Line } from "./notation.ts";
import { perform, tinyLayout } from "./process.ts";

type Case = readonly [promise: string, before: AreasText, call: Line, result: string, after: AreasText];

/** Each case under the tiny layout, some of it changed; numbers are pages. */
function cases(verb: string, list: readonly Case[], changed: Partial<AddressLayout> = {}): void {
  const layout = { ...tinyLayout, ...changed };
  test.each(list.map((item) => [item[0], item] as const))(`${verb}: %s`, (_, [, before, call, expected, after]) => {
    const areas = parseAreas(before);
    expect(formatAreas(areas)).toBe(before);
    const { process, result } = perform({ areas, layout }, call);
    expect([result, formatAreas(process.areas)]).toEqual([expected, after === "=" ? before : after]);
  });
}

cases("mmap", [
  ["the highest gap below the base is taken", "40-44 r--p", "mmap 0 4 rw-p anon", "44", "40-44 r--p; 44-48 rw-p"],
  ["a gap too small is passed over", "44-46 r--p", "mmap 0 4 rw-p anon", "40", "40-44 rw-p; 44-46 r--p"],
  ["a hint is taken where it is free", "10-14 r--p", "mmap 14 2 r-xp anon", "14", "10-14 r--p; 14-16 r-xp"],
  ["a hint in use is only a hint", "10-14 r--p", "mmap 13 2 r-xp anon", "46", "10-14 r--p; 46-48 r-xp"],
  ["a hint is rounded down to its page", "", "mmap 10.5 1 r--p anon", "10", "10-11 r--p"],
  ["a hint too low moves up to the lowest page", "", "mmap 0.5 1 r--p anon", "47", "47-48 r--p"],
  ["a hint beyond the end is only a hint", "", "mmap 63 2 r--p anon", "46", "46-48 r--p"],
  ["a length is rounded up to pages", "", "mmap 10 1.25 r--p anon", "10", "10-12 r--p"],
  [
    "no room below the base: upwards from the legacy base",
    "1-20 r--p; 22-48 r--p",
    "mmap 0 4 r--s :1",
    "48",
    "1-20 r--p; 22-48 r--p; 48-52 r--s :1+0",
  ],
  ["no room at all", "1-60 r--p", "mmap 0 5 rw-p anon", "ENOMEM", "="],
  ["longer than the address space", "", "mmap 0 65 rw-p anon", "ENOMEM", "="],
  [
    "a fixed mapping replaces what was there",
    "10-14 rw-p #1; 14-16 r--p",
    "mmap 12 3 r-xp anon fixed",
    "12",
    "10-12 rw-p #1; 12-15 r-xp; 15-16 r--p",
  ],
  ["a fixed mapping may have no gap left to unmap", "10-14 rw-p", "mmap 20 1 rw-p anon fixed", "20", "10-14 rw-p; 20-21 rw-p"],
  ["a fixed address stands at a page", "", "mmap 10.5 1 rw-p anon fixed", "EINVAL", "="],
  ["a fixed address lies inside", "", "mmap 63 2 rw-p anon fixed", "ENOMEM", "="],
  ["a fixed address lies above the minimum", "", "mmap 0 1 rw-p anon fixed", "EPERM", "="],
  ["MAP_FIXED_NOREPLACE replaces nothing", "10-14 rw-p", "mmap 13 2 rw-p anon noreplace", "EEXIST", "="],
  ["MAP_FIXED_NOREPLACE maps what is free", "10-14 r--p", "mmap 14 2 rw-p anon noreplace", "14", "10-14 r--p; 14-16 rw-p"],
  ["no length", "", "mmap 10 0 rw-p anon", "EINVAL", "="],
  ["no type", "", "mmap 10 1 rw-0 anon", "EINVAL", "="],
  ["anonymous memory is not validated", "", "mmap 10 1 rw-v anon", "EINVAL", "="],
  ["shared memory does not grow down", "", "mmap 10 1 rw-s anon down", "EINVAL", "="],
  ["a stack", "", "mmap 10 2 rw-p anon down", "10", "10-12 rw-p +GROWSDOWN"],
  [
    "locked, unreserved, without huge pages",
    "",
    "mmap 10 2 rw-p anon locked+noreserve+stack",
    "10",
    "10-12 rw-p #1 +LOCKED -ACCOUNT +NORESERVE +NOHUGEPAGE",
  ],
  ["a file", "", "mmap 10 2 r-xp f+3", "10", "10-12 r-xp f+3"],
  ["a file stands at a page of it", "", "mmap 10 2 r-xp f+0.5", "EINVAL", "="],
  ["a file for reading is not written through shared memory", "", "mmap 10 1 rw-s r+0", "EACCES", "="],
  ["a file for reading is copied by private memory", "", "mmap 10 1 rw-p r+0", "10", "10-11 rw-p r+0"],
  [
    "shared memory of a file for reading never becomes writable",
    "",
    "mmap 10 1 r--s r+0",
    "10",
    "10-11 r--s r+0 -MAYWRITE -SHARED",
  ],
  ["a file for writing cannot be mapped", "", "mmap 10 1 -w-s w+0", "EACCES", "="],
  ["a file does not grow down", "", "mmap 10 1 r--p f+0 down", "EINVAL", "="],
  ["a validated mapping knows its flags", "", "mmap 10 1 r--v f+0 noreserve", "10", "10-11 r--s f+0 +NORESERVE"],
  ["a validated mapping refuses others", "", "mmap 10 1 r--v f+0 sync", "EOPNOTSUPP", "="],
  [
    "shared anonymous memory is an object of its own",
    "10-12 rw-s :4+0",
    "mmap 12 2 rw-s anon",
    "12",
    "10-12 rw-s :4+0; 12-14 rw-s :5+0",
  ],
  [
    "MAP_ABOVE4G finds nothing so low, and looks upwards from the legacy base",
    "20-22 r--p",
    "mmap 0 1 rw-p anon above4g",
    "22",
    "20-22 r--p; 22-23 rw-p",
  ],
  ["MAP_32BIT looks upwards from 1 GiB", "", "mmap 0 1 rw-p anon 32bit", "ENOMEM", "="],
  [
    "a stack's guard hides the gaps beside it",
    "1-32 r--p; 36-38 r--p; 39-40 r--p; 42-48 rw-p +GROWSDOWN",
    "mmap 0 1 r--s :1",
    "38",
    "1-32 r--p; 36-38 r--p; 38-39 r--s :1+0; 39-40 r--p; 42-48 rw-p +GROWSDOWN",
  ],
  [
    "a gap below a stack keeps its guard",
    "40-48 rw-p +GROWSDOWN",
    "mmap 0 2 r--p anon",
    "36",
    "36-38 r--p; 40-48 rw-p +GROWSDOWN",
  ],
]);

cases("merging", [
  ["below", "10-12 rw-p", "mmap 12 2 rw-p anon", "12", "10-14 rw-p"],
  ["above", "12-14 rw-p", "mmap 10 2 rw-p anon", "10", "10-14 rw-p"],
  ["on both sides", "10-12 rw-p; 14-16 rw-p", "mmap 12 2 rw-p anon", "12", "10-16 rw-p"],
  ["one anon_vma is kept", "10-12 rw-p; 14-16 rw-p #3", "mmap 12 2 rw-p anon", "12", "10-16 rw-p #3"],
  [
    "two stay apart, and the lower has what lies between",
    "10-12 rw-p #3; 14-16 rw-p #4",
    "mmap 12 2 rw-p anon",
    "12",
    "10-14 rw-p #3; 14-16 rw-p #4",
  ],
  ["other rights stay apart", "10-12 r--p", "mmap 12 2 rw-p anon", "12", "10-12 r--p; 12-14 rw-p"],
  ["other flags stay apart", "10-12 rw-p", "mmap 12 2 rw-p anon stack", "12", "10-12 rw-p; 12-14 rw-p +NOHUGEPAGE"],
  ["another offset stays apart", "10-12 rw-p @30", "mmap 12 2 rw-p anon", "12", "10-12 rw-p @30; 12-14 rw-p"],
  ["a file that goes on", "10-12 r--p f+3", "mmap 12 2 r--p f+5", "12", "10-14 r--p f+3"],
  ["a file that does not go on", "10-12 r--p f+3", "mmap 12 2 r--p f+6", "12", "10-12 r--p f+3; 12-14 r--p f+6"],
  ["another file", "10-12 r--p f+3", "mmap 12 2 r--p g+5", "12", "10-12 r--p f+3; 12-14 r--p g+5"],
  ["another open file", "10-12 r--p f:1+3", "mmap 12 2 r--p f:2+5", "12", "10-12 r--p f:1+3; 12-14 r--p f:2+5"],
  ["memory of devices stays apart", "10-12 r--s f+3 +IO", "mprotect 10 1 -w-s", "ok", "10-11 -w-s f+3 +IO; 11-12 r--s f+4 +IO"],
  ["a given name stays apart", "10-12 rw-p [anon:x]", "mmap 12 2 rw-p anon", "12", "10-12 rw-p [anon:x]; 12-14 rw-p"],
]);

cases("munmap", [
  ["a part in the middle", "10-14 r--p f+3", "munmap 11 2", "ok", "10-11 r--p f+3; 13-14 r--p f+6"],
  ["the beginning", "10-14 rw-p #1", "munmap 9 2", "ok", "11-14 rw-p #1"],
  ["the end", "10-14 rw-p", "munmap 13 9", "ok", "10-13 rw-p"],
  ["several and the holes between", "10-12 rw-p; 14-15 r--p; 15-18 rw-p", "munmap 11 5", "ok", "10-11 rw-p; 16-18 rw-p"],
  ["nothing there is no error", "10-12 rw-p", "munmap 12 4", "ok", "="],
  ["a length is rounded up", "10-12 rw-p", "munmap 10 0.01", "ok", "11-12 rw-p"],
  ["no length", "10-12 rw-p", "munmap 10 0", "EINVAL", "="],
  ["not at a page", "10-12 rw-p", "munmap 10.5 1", "EINVAL", "="],
  ["up to the end", "10-12 rw-p", "munmap 63 1", "ok", "="],
  ["beyond the end", "10-12 rw-p", "munmap 63 2", "EINVAL", "="],
  ["pages of the kernel are not split", "10-14 r-xp +DONTEXPAND", "munmap 12 1", "EINVAL", "="],
  ["pages of the kernel can go whole", "10-14 r-xp +DONTEXPAND", "munmap 10 4", "ok", ""],
]);

cases("mprotect", [
  ["a part", "10-14 rw-p", "mprotect 11 2 r--", "ok", "10-11 rw-p; 11-13 r--p; 13-14 rw-p"],
  ["back again is one area", "10-11 rw-p; 11-13 r--p; 13-14 rw-p", "mprotect 11 2 rw-", "ok", "10-14 rw-p"],
  ["memory with pages stays accounted for", "10-14 rw-p #1", "mprotect 12 2 r--", "ok", "10-12 rw-p #1; 12-14 r--p #1 +ACCOUNT"],
  [
    "a file's private memory stays accounted for",
    "10-14 rw-p f+0",
    "mprotect 12 2 r--",
    "ok",
    "10-12 rw-p f+0; 12-14 r--p f+2 +ACCOUNT",
  ],
  [
    "memory without pages stays accounted for where nothing changes",
    "10-12 r--p +ACCOUNT; 12-14 r-xp +ACCOUNT",
    "mprotect 10 4 r--",
    "ok",
    "10-12 r--p +ACCOUNT; 12-14 r--p",
  ],
  [
    "what is unreserved is never accounted for",
    "10-14 r--p +NORESERVE",
    "mprotect 10 4 rw-",
    "ok",
    "10-14 rw-p -ACCOUNT +NORESERVE",
  ],
  ["several areas become one", "10-12 rw-p; 12-14 r-xp; 14-16 ---p", "mprotect 10 6 r--", "ok", "10-16 r--p"],
  [
    "a hole ends it, what lies before is changed",
    "10-12 rw-p; 13-14 rw-p",
    "mprotect 10 4 r--",
    "ENOMEM",
    "10-12 r--p; 13-14 rw-p",
  ],
  ["a hole at the start changes nothing", "10-12 rw-p", "mprotect 9 3 r--", "ENOMEM", "="],
  [
    "what may not be written ends it, what lies before is changed",
    "10-12 r--p; 12-14 r--s r+0 -MAYWRITE -SHARED; 14-15 r--p",
    "mprotect 10 5 rw-",
    "EACCES",
    "10-12 rw-p; 12-14 r--s r+0 -MAYWRITE -SHARED; 14-15 r--p",
  ],
  ["no length is no error", "", "mprotect 10 0 r--", "ok", "="],
  ["not at a page", "10-12 rw-p", "mprotect 10.5 1 r--", "EINVAL", "="],
  ["unknown bits", "10-12 rw-p", "mprotect 10 1 r-- 0x10", "EINVAL", "="],
  ["PROT_SEM means nothing", "10-12 rw-p", "mprotect 10 2 r-- sem", "ok", "10-12 r--p"],
  ["down to the start of a stack", "10-14 rw-p +GROWSDOWN", "mprotect 13 1 r-- down", "ok", "10-14 r--p +GROWSDOWN"],
  ["down where no stack is", "10-14 rw-p", "mprotect 13 1 r-- down", "EINVAL", "="],
  ["up is for other machines", "10-14 rw-p", "mprotect 13 1 r-- up", "EINVAL", "="],
  ["up and down", "10-14 rw-p", "mprotect 13 1 r-- down+up", "EINVAL", "="],
  ["pages of the kernel are not split", "10-14 r-xp +DONTEXPAND", "mprotect 12 1 r--", "EINVAL", "="],
]);

cases("mremap", [
  ["nothing to do", "10-14 rw-p", "mremap 11 2 2 none", "11", "="],
  ["shrinking cuts off", "10-14 rw-p", "mremap 10 4 1 none", "10", "10-11 rw-p"],
  ["shrinking cuts off whatever stands there", "10-12 rw-p; 13-16 r--p", "mremap 10 5 1 none", "10", "10-11 rw-p; 15-16 r--p"],
  ["growing into free pages", "10-14 rw-p", "mremap 12 2 5 none", "12", "10-17 rw-p"],
  ["growing up to a neighbour makes them one", "10-14 rw-p; 16-18 rw-p", "mremap 12 2 4 none", "12", "10-18 rw-p"],
  ["growing where there is no room", "10-14 rw-p; 15-16 r--p", "mremap 12 2 4 none", "ENOMEM", "="],
  ["growing in the middle of an area", "10-14 rw-p", "mremap 10 2 3 none", "ENOMEM", "="],
  ["growing elsewhere", "10-14 rw-p #1; 15-16 r--p", "mremap 12 2 4 may", "44", "10-12 rw-p #1; 15-16 r--p; 44-48 rw-p @12 #1"],
  [
    "memory without pages counts from where it is",
    "10-14 rw-p; 15-16 r--p",
    "mremap 12 2 4 may",
    "44",
    "10-12 rw-p; 15-16 r--p; 44-48 rw-p",
  ],
  ["a move", "10-14 rw-p #1", "mremap 11 2 2 may+fixed 30", "30", "10-11 rw-p #1; 13-14 rw-p #1; 30-32 rw-p @11 #1"],
  [
    "a move back makes one again",
    "10-11 rw-p #1; 13-14 rw-p #1; 30-32 rw-p @11 #1",
    "mremap 30 2 2 may+fixed 11",
    "11",
    "10-14 rw-p #1",
  ],
  [
    "a move replaces what is there",
    "10-12 rw-p #1; 30-34 r--p",
    "mremap 10 2 2 may+fixed 31",
    "31",
    "30-31 r--p; 31-33 rw-p @10 #1; 33-34 r--p",
  ],
  [
    "a move takes several areas and their holes",
    "10-12 rw-p #1; 13-14 r--p f+0",
    "mremap 10 4 4 may+fixed 30",
    "30",
    "30-32 rw-p @10 #1; 33-34 r--p f+0",
  ],
  ["a move begins in an area", "13-14 r--p f+0", "mremap 10 4 4 may+fixed 30", "EFAULT", "="],
  ["a move with another size takes one area", "10-12 rw-p; 12-14 r--p", "mremap 10 4 5 may+fixed 30", "EFAULT", "="],
  ["a move that shrinks", "10-14 rw-p #1", "mremap 10 4 2 may+fixed 30", "30", "30-32 rw-p @10 #1"],
  ["a move that grows", "10-14 rw-p #1", "mremap 10 4 6 may+fixed 30", "30", "30-36 rw-p @10 #1"],
  ["a move leaves the area empty", "10-14 rw-p #1", "mremap 10 4 4 may+keep", "44", "10-14 rw-p; 44-48 rw-p @10 #1"],
  [
    "a part left empty keeps the area's anon_vma",
    "10-14 rw-p #1",
    "mremap 10 2 2 may+keep",
    "46",
    "10-14 rw-p #1; 46-48 rw-p @10 #1",
  ],
  ["what is left empty has one size", "10-14 rw-p", "mremap 10 4 5 may+keep", "EINVAL", "="],
  ["no old size: the same object once more", "10-14 rw-s :1+0", "mremap 11 0 2 may", "46", "10-14 rw-s :1+0; 46-48 rw-s :1+1"],
  ["no old size: private memory has no object", "10-14 rw-p", "mremap 11 0 2 may", "EINVAL", "="],
  ["no old size: the object goes with the target", "10-14 rw-s :1+0", "mremap 10 0 2 may+fixed 10", "EFAULT", "12-14 rw-s :1+2"],
  ["nothing there", "", "mremap 10 1 2 may", "EFAULT", "="],
  ["growing past the area", "10-14 rw-p", "mremap 12 3 5 may", "EFAULT", "="],
  ["growing what the kernel gave", "10-14 r-xp +DONTEXPAND", "mremap 10 4 5 may", "EFAULT", "="],
  ["no new size", "10-14 rw-p", "mremap 10 4 0 may", "EINVAL", "="],
  ["not at a page", "10-14 rw-p", "mremap 10.5 1 2 may", "EINVAL", "="],
  ["not to a page", "10-14 rw-p", "mremap 10 1 1 may+fixed 20.5", "EINVAL", "="],
  ["not out of the address space", "10-14 rw-p", "mremap 10 1 2 may+fixed 63", "EINVAL", "="],
  ["to a place below the minimum", "10-14 rw-p", "mremap 10 1 1 may+fixed 0", "EPERM", "="],
  ["fixed, and not to be moved", "10-14 rw-p", "mremap 10 1 1 fixed 20", "EINVAL", "="],
  ["onto itself", "10-14 rw-p", "mremap 10 2 2 may+fixed 11", "EINVAL", "="],
  ["unknown flags", "10-14 rw-p", "mremap 10 2 2 8", "EINVAL", "="],
]);

cases("brk", [
  ["the first page of the heap", "", "brk 5", "5", "4-5 rw-p [heap]"],
  ["any byte", "", "brk 5.25", "5.25", "4-6 rw-p [heap]"],
  ["below its start it stays", "", "brk 3", "4", "="],
  ["the heap does not meet what lies above", "6-7 r--p", "brk 6", "4", "="],
  ["a page stays free", "7-8 r--p", "brk 6", "6", "4-6 rw-p [heap]; 7-8 r--p"],
  ["the heap is no part of what lies below", "2-4 rw-p", "brk 5", "5", "2-4 rw-p; 4-5 rw-p [heap]"],
  ["beyond the end it stays", "", "brk 65", "4", "="],
]);

cases(
  "brk of a heap",
  [
    ["grows", "4-6 rw-p #1 [heap]", "brk 8", "8", "4-8 rw-p #1 [heap]"],
    ["grows within its last page", "4-6 rw-p [heap]", "brk 5.75", "5.75", "="],
    ["shrinks", "4-6 rw-p [heap]", "brk 4.5", "4.5", "4-5 rw-p [heap]"],
    ["goes", "4-6 rw-p [heap]", "brk 4", "4", ""],
    ["grows apart from what is like it no more", "4-6 r--p [heap]", "brk 7", "7", "4-6 r--p [heap]; 6-7 rw-p [heap]"],
    ["does not shrink over a hole", "4-5 rw-p [heap]", "brk 5", "5.5", "="],
  ],
  { brk: 5.5 * page },
);

cases("madvise", [
  ["a part", "10-14 rw-p", "madvise 11 2 dontfork", "ok", "10-11 rw-p; 11-13 rw-p +DONTCOPY; 13-14 rw-p"],
  ["and back", "10-11 rw-p; 11-13 rw-p +DONTCOPY; 13-14 rw-p", "madvise 10 4 dofork", "ok", "10-14 rw-p"],
  [
    "a hole is told in the end",
    "10-12 rw-p; 13-14 rw-p",
    "madvise 10 4 dontdump",
    "ENOMEM",
    "10-12 rw-p +DONTDUMP; 13-14 rw-p +DONTDUMP",
  ],
  [
    "a refusal ends it",
    "10-12 rw-p; 12-13 r--p f+0; 13-14 rw-p",
    "madvise 10 4 wipeonfork",
    "EINVAL",
    "10-12 rw-p +WIPEONFORK; 12-13 r--p f+0; 13-14 rw-p",
  ],
  ["sequential takes the place of random", "10-12 rw-p +RAND_READ", "madvise 10 2 sequential", "ok", "10-12 rw-p +SEQ_READ"],
  ["normal is neither", "10-12 rw-p +RAND_READ", "madvise 10 2 normal", "ok", "10-12 rw-p"],
  ["huge pages", "10-12 rw-p +NOHUGEPAGE", "madvise 10 2 hugepage", "ok", "10-12 rw-p +HUGEPAGE"],
  ["no huge pages", "10-12 rw-p +HUGEPAGE", "madvise 10 2 nohugepage", "ok", "10-12 rw-p +NOHUGEPAGE"],
  ["dropping pages leaves the areas", "10-12 rw-p #1", "madvise 10 2 dontneed", "ok", "="],
  ["locked pages are not dropped", "10-12 rw-p +LOCKED", "madvise 10 2 dontneed", "EINVAL", "="],
  ["only anonymous pages are freed", "10-12 rw-p f+0", "madvise 10 2 free", "EINVAL", "="],
  ["nothing there", "", "madvise 10 2 normal", "ENOMEM", "="],
  ["no length is no error", "", "madvise 10 0 normal", "ok", "="],
  ["no length, but no advice either", "", "madvise 10 0 99", "EINVAL", "="],
  ["not at a page", "10-12 rw-p", "madvise 10.5 1 normal", "EINVAL", "="],
]);

cases("a store", [
  ["gives an area its anon_vma", "10-12 rw-p", "touch 11", "ok", "10-12 rw-p #1"],
  ["gives each area one of its own", "10-12 rw-p #4; 20-21 rw-p", "touch 20", "ok", "10-12 rw-p #4; 20-21 rw-p #5"],
  [
    "borrows from a neighbour that could become like it, the upper one first",
    "10-12 r--p #1 +ACCOUNT; 12-14 rw-p; 14-16 r--p #2 +ACCOUNT",
    "touch 12",
    "ok",
    "10-12 r--p #1 +ACCOUNT; 12-14 rw-p #2; 14-16 r--p #2 +ACCOUNT",
  ],
  [
    "borrows from the lower one else",
    "10-12 r--p #1 +ACCOUNT; 12-14 rw-p",
    "touch 12",
    "ok",
    "10-12 r--p #1 +ACCOUNT; 12-14 rw-p #1",
  ],
  [
    "borrows nothing from another file",
    "10-12 r--p f+0 #1 +ACCOUNT; 12-14 rw-p",
    "touch 12",
    "ok",
    "10-12 r--p f+0 #1 +ACCOUNT; 12-14 rw-p #2",
  ],
  ["into shared memory ties nothing", "10-12 rw-s f+0", "touch 11", "ok", "="],
  ["into what is read-only", "10-12 r--p", "touch 11", "SIGSEGV", "="],
  ["into nothing", "", "touch 11", "SIGSEGV", "="],
  ["below a stack lets it grow", "40-44 rw-p +GROWSDOWN", "touch 38", "ok", "38-44 rw-p #1 +GROWSDOWN"],
]);

cases(
  "the limit on areas",
  [
    ["mmap", "10-11 rw-p; 20-21 rw-p; 30-31 rw-p", "mmap 40 1 rw-p anon", "40", "10-11 rw-p; 20-21 rw-p; 30-31 rw-p; 40-41 rw-p"],
    ["mmap beyond it", "10-11 rw-p; 20-21 rw-p; 30-31 rw-p; 40-41 rw-p", "mmap 50 1 rw-p anon", "ENOMEM", "="],
    ["munmap that splits", "10-11 rw-p; 20-23 rw-p; 30-31 rw-p", "munmap 21 1", "ENOMEM", "="],
    ["munmap that does not", "10-11 rw-p; 20-23 rw-p; 30-31 rw-p", "munmap 20 1", "ok", "10-11 rw-p; 21-23 rw-p; 30-31 rw-p"],
    ["mprotect that splits", "10-14 rw-p; 20-23 rw-p; 30-31 rw-p", "mprotect 11 10 r--", "ENOMEM", "="],
    ["mremap that moves", "10-11 rw-p", "mremap 10 1 1 may+fixed 30", "ENOMEM", "="],
    ["madvise that splits", "10-14 rw-p; 20-23 rw-p; 30-31 rw-p", "madvise 12 1 dontfork", "EAGAIN", "="],
  ],
  { mapCountLimit: 3 },
);

cases(
  "huge pages",
  [
    [
      "anonymous memory in their multiples is aligned to them",
      "46-48 r--p",
      "mmap 0 8 rw-p anon",
      "32",
      "32-40 rw-p; 46-48 r--p",
    ],
    ["other memory is not", "46-48 r--p", "mmap 0 8 r--p f+0", "38", "38-46 r--p f+0; 46-48 r--p"],
    ["other lengths are not", "46-48 r--p", "mmap 0 7 rw-p anon", "39", "39-46 rw-p; 46-48 r--p"],
  ],
  { hugePageBytes: 8 * page },
);

describe("a stack", () => {
  test.each([
    ["grows to the page of the fault", "40-44 rw-p +GROWSDOWN", 38.5, "ok", "38-44 rw-p #1 +GROWSDOWN"],
    ["has it already", "40-44 rw-p +GROWSDOWN", 41, "ok", "="],
    ["keeps its offset", "40-44 rw-p @50 +GROWSDOWN", 39, "ok", "39-44 rw-p @49 #1 +GROWSDOWN"],
    ["does not outgrow its limit", "40-44 rw-p +GROWSDOWN", 35, "ENOMEM", "40-44 rw-p #1 +GROWSDOWN"],
    ["keeps a guard free below", "36-38 r--p; 40-44 rw-p +GROWSDOWN", 39, "ENOMEM", "="],
    [
      "takes pages nobody can touch for a guard",
      "36-38 ---p; 40-44 rw-p +GROWSDOWN",
      39,
      "ok",
      "36-38 ---p; 39-44 rw-p #1 +GROWSDOWN",
    ],
    ["is none", "40-44 rw-p", 39, "EFAULT", "="],
    ["is below", "40-44 rw-p +GROWSDOWN", 44, "EFAULT", "="],
  ] as const)("%s", (_, before, at, expected, after) => {
    const areas = parseAreas(before);
    const outcome = growStack(areas, tinyLayout, at * page);
    expect(outcome.errno ?? "ok").toBe(expected);
    expect(formatAreas(outcome.changes.reduce(applyAreaChange, areas))).toBe(after === "=" ? before : after);
  });
});
