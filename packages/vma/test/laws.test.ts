import { applyAreaChange } from "@pagelapse/vma";
import type { AreaChange } from "@pagelapse/vma";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareWithModel, history, start, window } from "./both-ways.ts";
import { formatAreas } from "./notation.ts";
import type { Line } from "./notation.ts";
import { pagesOf } from "./page-model.ts";
import { perform, verbs } from "./process.ts";
import type { Process, Verbs } from "./process.ts";

const runs = { numRuns: 300 } as const;

/** What a history leaves. */
function doneAll(lines: readonly Line[]): Process {
  return lines.reduce((process, text) => perform(process, text).process, start);
}

test("pages are as the model has them, areas in order and as few as can be, after every call", () => {
  const met = new Map<string, number>();
  fc.assert(
    fc.property(history, (lines) => {
      for (const state of compareWithModel(lines)) met.set(state, (met.get(state) ?? 0) + 1);
    }),
    { numRuns: 1000 },
  );
  const floors: Readonly<Record<string, number>> = {
    "mmap ok": 1200,
    "mmap EINVAL": 50,
    "mmap EEXIST": 150,
    "mmap EACCES": 9,
    "mmap ENOMEM": 4,
    "munmap ok": 300,
    "munmap splits": 8,
    "mprotect ok": 180,
    "mprotect ENOMEM": 400,
    "mprotect EACCES": 1,
    "mprotect fails half way": 70,
    "mprotect splits": 150,
    "mprotect merges": 4,
    "mremap ok": 90,
    "mremap EFAULT": 130,
    "mremap EINVAL": 200,
    "mremap ENOMEM": 1,
    "mremap splits": 40,
    "mremap merges": 4,
    "mremap in place": 7,
    "madvise ok": 130,
    "madvise ENOMEM": 200,
    "madvise EINVAL": 20,
    "madvise fails half way": 60,
    "madvise splits": 70,
    "brk ok": 200,
    "touch ok": 170,
    "touch SIGSEGV": 400,
    "a stack grew": 2,
    "several anon_vmas": 140,
    "pages moved": 20,
    "a file's private pages": 300,
  };
  const rare = Object.entries(floors).flatMap(([state, floor]) =>
    (met.get(state) ?? 0) < floor ? [`${state}: ${met.get(state) ?? 0}`] : [],
  );
  expect(rare).toEqual([]);
});

const access = fc.constantFrom("rw-", "r--", "---", "r-x", "rwx");
const span = fc.tuple(fc.integer({ min: window.first, max: window.end - 6 }), fc.integer({ min: 1, max: 6 }));

test("munmap undoes mmap", () => {
  fc.assert(
    fc.property(history, span, access, (lines, [at, length], rights) => {
      const free = perform(doneAll(lines), `munmap ${at} ${length}`).process;
      const mapped = perform(free, `mmap ${at} ${length} ${rights}p anon fixed`).process;
      expect(pagesOf(perform(mapped, `munmap ${at} ${length}`).process.areas)).toEqual(pagesOf(free.areas));
    }),
    runs,
  );
});

test.each(["munmap", "mprotect", "madvise"])("%s of a range leaves what page after page leaves", (verb) => {
  fc.assert(
    fc.property(
      history,
      span,
      access,
      fc.constantFrom("dontfork", "wipeonfork", "normal"),
      (lines, [at, length], rights, advice) => {
        const rest = { munmap: "", mprotect: ` ${rights}`, madvise: ` ${advice}` }[verb];
        const before = doneAll(lines);
        const whole = perform(before, `${verb} ${at} ${length}${rest}`).process;
        let process = before;
        for (let i = 0; i < length; i++) {
          const step = perform(process, `${verb} ${at + i} 1${rest}`);
          process = step.process;
          // A hole ends mprotect, a refusal ends both.
          if (step.result === "EACCES" || step.result === "EINVAL" || (step.result === "ENOMEM" && verb === "mprotect")) break;
        }
        expect(pagesOf(process.areas)).toEqual(pagesOf(whole.areas));
      },
    ),
  );
});

test("pages protected, and protected again as they were, are as they were", () => {
  fc.assert(
    fc.property(history, span, access, access, (lines, [at, length], first, second) => {
      const before = perform(doneAll(lines), `mmap ${at} ${length} ${first}p anon fixed`).process;
      const between = perform(before, `mprotect ${at} ${length} ${second}`).process;
      expect(pagesOf(perform(between, `mprotect ${at} ${length} ${first}`).process.areas)).toEqual(pagesOf(before.areas));
    }),
  );
});

test("changes that went through JSON do the same", () => {
  const throughText: Verbs = {
    ...verbs,
    apply: (areas, change) => {
      const read: AreaChange = JSON.parse(JSON.stringify(change));
      return applyAreaChange(areas, read);
    },
  };
  fc.assert(
    fc.property(history, (lines) => {
      const texts = (using: Verbs): string =>
        formatAreas(lines.reduce((process, text) => perform(process, text, using).process, start).areas);
      expect(texts(throughText)).toBe(texts(verbs));
    }),
  );
});
