// Random histories in the notation, on few pages, so that calls meet.

import * as fc from "fast-check";
import type { Line } from "./notation.ts";

/** The pages that calls name: [first, end). */
export interface Window {
  readonly first: number;
  readonly end: number;
  /** Where the break may be set. */
  readonly heap: { readonly first: number; readonly end: number };
  /** The end of the address space. */
  readonly limit: number;
}

/** Some mappings, then any calls. None names an address outside of the window, so Linux can be asked for them as well. */
export function histories(
  window: Window,
  maxLength: number,
  others: fc.Arbitrary<Line> = calls(window),
): fc.Arbitrary<readonly Line[]> {
  const mappings = fc.array(mmaps(window), { maxLength: 5, size: "max" });
  const mixed = fc.oneof({ weight: 9, arbitrary: calls(window) }, { weight: 1, arbitrary: others });
  return fc.tuple(mappings, fc.array(mixed, { minLength: 1, maxLength, size: "max" })).map((parts) => parts.flat());
}

/** Calls that ask for several wrong things at once, so that the order in which Linux minds them is seen. */
export function wrongCalls({ first, end }: Window): fc.Arbitrary<Line> {
  const start = fc.integer({ min: first * 2, max: end * 2 - 12 }).map((half) => half / 2);
  const length = fc.constantFrom(0, 0.25, 1, 1.5, 3);
  return fc.oneof(
    fc
      .tuple(
        start,
        length,
        rights,
        fc.constantFrom("p", "s", "v", "0"),
        fc.constantFrom("anon", "f+0", "f+0.5", "r+1", `f+${2 ** 51 - 2}`, `r+${2 ** 51 - 2}`),
        fc.constantFrom("none", "fixed", "noreplace", "fixed+down", "noreserve", "sync", "fixed+0x200", "0x200000"),
      )
      .map(([from, bytes, prot, type, source, how]) => `mmap ${from} ${bytes} ${prot}${type} ${source} ${how}`),
    fc.tuple(start, length).map((range) => `munmap ${range.join(" ")}`),
    fc
      .tuple(start, length, rights, fc.constantFrom("none", "down", "up", "down+up", "0x10"))
      .map((words) => `mprotect ${words.join(" ")}`),
    fc
      .tuple(
        start,
        length,
        length,
        fc.constantFrom("none", "may", "may+fixed", "fixed", "keep", "may+keep", "may+fixed+keep", "may+8"),
        start,
      )
      .map((words) => `mremap ${words.join(" ")}`),
    fc.tuple(start, length, fc.oneof(advices, fc.constant("99"))).map((words) => `madvise ${words.join(" ")}`),
  );
}

/** Calls that reach the end of the address space, go over it or lie beyond; all of them fail there, or change nothing in the window. */
export function callsAtTheEnd({ first, end, limit }: Window): fc.Arbitrary<Line> {
  const start = fc.integer({ min: first, max: end - 1 });
  const last = fc.integer({ min: limit - 3, max: limit + 2 });
  const length = fc.constantFrom(4, 5, 2 ** 35, 2 ** 52 - 1);
  const where = fc.oneof(fc.tuple(last, length), fc.tuple(start, fc.constantFrom(2 ** 35, 2 ** 52 - 1)));
  return fc.oneof(
    fc
      .tuple(where, rights, fc.constantFrom("fixed", "none", "noreplace"))
      .map(([[from, pages], prot, how]) => `mmap ${from} ${pages} ${prot}p anon ${how}`),
    where.map(([from, pages]) => `munmap ${from} ${pages}`),
    fc.tuple(last, length, rights).map((words) => `mprotect ${words.join(" ")}`),
    fc.tuple(last, length, advices).map((words) => `madvise ${words.join(" ")}`),
    fc
      .tuple(
        start,
        fc.constantFrom(1, 4),
        fc.constantFrom(4, 2 ** 35),
        fc.constantFrom("may", "may+fixed", "fixed", "may+keep"),
        last,
      )
      .map((words) => `mremap ${words.join(" ")}`),
    fc
      .tuple(
        fc.integer({ min: limit, max: limit + 2 }),
        fc.constantFrom(1, 4),
        fc.constantFrom(1, 4, 6),
        fc.constantFrom("none", "may", "may+fixed"),
        start,
      )
      .map((words) => `mremap ${words.join(" ")}`),
    last.map((at) => `brk ${at}`),
    fc.integer({ min: limit, max: limit + 2 }).map((at) => `touch ${at}`),
  );
}

/**
 * Histories in which areas are often split and made one again: ten pages, two protections, files at the offset that continues
 * their neighbours, pages touched and moved there and back.
 */
export function mergingHistories({ first, heap }: Window, maxLength: number): fc.Arbitrary<readonly Line[]> {
  const end = first + 10;
  const range = fc
    .integer({ min: first, max: end - 1 })
    .chain((start) => fc.tuple(fc.constant(start), fc.integer({ min: 1, max: Math.min(4, end - start) })));
  const start = range.map(([from]) => from);
  const access = fc.constantFrom("rw-", "rw-", "r--");
  const source = fc.constantFrom("anon", "anon", "anon", "f", "f:2");
  const call = fc.oneof(
    fc
      .tuple(range, access, source, fc.constantFrom("p", "p", "p", "s"), rarely("", "+down", "+noreserve", "+locked"))
      .map(
        ([[from, length], prot, label, type, how]) =>
          `mmap ${from} ${length} ${prot}${type} ${label === "anon" ? label : `${label}+${from - first}`} fixed${how}`,
      ),
    start.map((from) => `touch ${from}`),
    fc.tuple(range, access).map(([[from, length], prot]) => `mprotect ${from} ${length} ${prot}`),
    fc
      .tuple(range, start, rarely("may+fixed", "may+fixed+keep"))
      .map(([[from, length], to, how]) => `mremap ${from} ${length} ${length} ${how} ${Math.min(to, end - length)}`),
    fc
      .tuple(range, range, rarely("none", "may"))
      .map(([[from, length], [, longer], how]) => `mremap ${from} ${length} ${longer} ${how}`),
    fc
      .tuple(range, fc.constantFrom("dontfork", "dofork", "dontneed", "free"))
      .map(([[from, length], advice]) => `madvise ${from} ${length} ${advice}`),
    { weight: 1, arbitrary: range.map(([from, length]) => `munmap ${from} ${length}`) },
    fc.integer({ min: heap.first, max: end }).map((to) => `brk ${to}`),
  );
  const whole = fc
    .tuple(fc.integer({ min: 3, max: 10 }), access, source)
    .map(([length, prot, label]) => `mmap ${first} ${length} ${prot}p ${label === "anon" ? label : `${label}+0`} fixed`);
  return fc.tuple(whole, fc.array(call, { minLength: 1, maxLength, size: "max" })).map(([mapping, lines]) => [mapping, ...lines]);
}

function calls(window: Window): fc.Arbitrary<Line> {
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
