// Random histories in the notation, on few pages, so that calls meet.

import * as fc from "fast-check";
import type { Line } from "./notation.ts";

/** The pages that calls name: [first, end). */
export interface Window {
  readonly first: number;
  readonly end: number;
  /** Where the break may be set. */
  readonly heap: { readonly first: number; readonly end: number };
}

/** Calls that Linux can be asked for as well, without leaving the window for what they name themselves. */
export function histories(window: Window, maxLength: number): fc.Arbitrary<readonly Line[]> {
  return fc.array(calls(window), { minLength: 1, maxLength, size: "max" });
}

export function calls(window: Window): fc.Arbitrary<Line> {
  const range = ranges(window);
  const start = fc.integer({ min: window.first, max: window.end - 1 });
  return fc.oneof(
    { weight: 8, arbitrary: mmaps(window) },
    { weight: 3, arbitrary: range.map(([from, length]) => `munmap ${from} ${length}`) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(range, rights, rarely("", " down", " sem", " up"))
        .map(([[from, length], prot, how]) => `mprotect ${from} ${length} ${prot}${how}`),
    },
    { weight: 5, arbitrary: mremaps(window) },
    {
      weight: 2,
      arbitrary: fc.integer({ min: window.heap.first * 2 - 2, max: window.heap.end * 2 }).map((half) => `brk ${half / 2}`),
    },
    { weight: 4, arbitrary: fc.tuple(range, advices).map(([[from, length], advice]) => `madvise ${from} ${length} ${advice}`) },
    { weight: 6, arbitrary: start.map((from) => `touch ${from}`) },
  );
}

/** Mostly whole pages inside the window; now and then no length, part of a page, or a start within one. */
function ranges({ first, end }: Window): fc.Arbitrary<readonly [start: number, length: number]> {
  return fc.integer({ min: first, max: end - 1 }).chain((start) =>
    fc.oneof(
      {
        weight: 30,
        arbitrary: fc.integer({ min: 1, max: Math.min(8, end - start) }).map((length) => [start, length] as const),
      },
      { weight: 1, arbitrary: fc.constantFrom([start, 0] as const, [start, 0.25] as const, [start + 0.5, 0.5] as const) },
    ),
  );
}

function mmaps(window: Window): fc.Arbitrary<Line> {
  const options = rarely("", "+noreserve", "+stack", "+down", "+noreserve+stack");
  return fc
    .tuple(
      ranges(window),
      rights,
      fc.constantFrom("p", "p", "p", "s"),
      sources,
      fc.constantFrom("fixed", "fixed", "fixed", "none", "noreplace"),
      options,
    )
    .map(
      ([[start, length], prot, type, source, where, how]) => `mmap ${start} ${length} ${prot}${type} ${source} ${where}${how}`,
    );
}

function mremaps({ first, end }: Window): fc.Arbitrary<Line> {
  const start = fc.integer({ min: first, max: end - 1 });
  const length = fc.integer({ min: 1, max: 6 });
  return fc
    .tuple(
      start,
      length,
      fc.oneof(length, fc.constant(0)),
      fc.constantFrom("none", "may", "may", "may+fixed", "may+fixed", "may+fixed", "may+keep", "may+fixed+keep", "fixed"),
      start,
      rarely("", "same", "old-zero"),
    )
    .map(([from, longer, delta, how, target, change]) => {
      const oldLength = change === "old-zero" ? 0 : Math.min(longer, end - from);
      const newLength = how.includes("keep") || change === "same" ? oldLength : Math.min(delta, end - target);
      const to = how.includes("fixed") || how.includes("keep") ? ` ${Math.min(target, end - Math.max(newLength, 1))}` : "";
      return `mremap ${from} ${oldLength} ${newLength} ${how}${to}`;
    });
}

const rights = fc.constantFrom("rw-", "rw-", "rw-", "r--", "r--", "---", "r-x", "-w-", "rwx");
const sources = fc.oneof(
  { weight: 5, arbitrary: fc.constant("anon") },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom("f", "f", "f:2", "g", "r"), fc.nat(6)).map(([file, offset]) => `${file}+${offset}`),
  },
);
const advices = fc.constantFrom(
  "normal",
  "random",
  "sequential",
  "willneed",
  "dontneed",
  "free",
  "dontfork",
  "dofork",
  "dontdump",
  "dodump",
  "wipeonfork",
  "keeponfork",
  "hugepage",
  "nohugepage",
  "cold",
);

function rarely<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
}
