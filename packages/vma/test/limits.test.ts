// What Linux does at limits: how many areas there may be, how huge pages are aligned, how far a stack grows.

import { applyAreaChange, growStack } from "@pagelapse/vma";
import { describe, expect, test } from "vitest";
import { cases } from "./cases.ts";
import { formatAreas, page, parseAreas } from "./notation.ts";
import { tinyLayout } from "./process.ts";

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
