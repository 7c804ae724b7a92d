// Linux is the judge: the same errno, value, protection, sharing, file, flags and merged areas after every call.
//
// `linux/transcript.txt` is what Linux 6.18.44 on x86-64 said to some hundred random histories; it is held against this package
// everywhere. Where the kernel can be asked, it must still say so (`vitest -u` records anew), and it is asked new histories.

import { readFileSync } from "node:fs";
import { release } from "node:os";
import { VM_ACCOUNT, VM_GROWSDOWN, applyAreaChange, areaAt, isAnonymous } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { callsAtTheEnd, histories, mergingHistories, wrongCalls } from "./histories.ts";
import { ask, whyNot } from "./linux/ask.ts";
import { answers, window } from "./linux/seen.ts";
import type { Answer } from "./linux/seen.ts";
import { formatTranscript, parseTranscript } from "./linux/transcript.ts";
import type { Line } from "./notation.ts";
import { verbs } from "./process.ts";
import type { Verbs } from "./process.ts";

const path = new URL("linux/transcript.txt", import.meta.url);
const history = fc.oneof(
  mergingHistories(window, 24),
  histories(window, 16, fc.oneof(wrongCalls(window), callsAtTheEnd(window))),
);

/** Where this package once went another way, and what chance seldom makes. */
const named = [
  // A gap that the guard of a stack hides: the search goes on below the guard, then upwards.
  "mmap 121 3 rw-p anon fixed+down; mmap 118 1 r--p anon fixed; mmap 105 1 r--p f+0 fixed; mmap 0 1 r-xp anon none",
  // A stack that grows is tied to an anon_vma, though no page of it was ever written.
  "mmap 110 2 r--p anon fixed+down; touch 106; mremap 106 2 2 may+fixed 101; mmap 103 1 r--p anon fixed+down",
  // A heap that grows looks only at what lies above.
  "mmap 102 1 rw-p anon fixed; brk 105; brk 108",
  "mmap 110 1 rw-p anon fixed; mmap 111 1 rw-p anon fixed+sync",
  // The target is unmapped first, and the object to be mapped once more with it.
  "mmap 110 2 rw-s anon fixed; mremap 110 0 1 may+fixed 110",
  // What is not protected anew stays accounted for, though it has no page any more.
  "mmap 104 2 rw-p anon fixed; touch 104; mprotect 104 2 r--; mremap 104 2 2 may+fixed+keep 110; mprotect 104 2 r--",
  // What is moved next to its own source is one with it for a moment, and ties it to the neighbour's anon_vma.
  "mmap 100 5 rw-p anon fixed; mmap 106 1 rw-p anon fixed; touch 106; mremap 102 2 2 may+fixed 104; mremap 100 2 2 may+fixed 107",
  "mmap 100 4 rw-p anon fixed; mmap 106 1 rw-p anon fixed; touch 106; mremap 103 1 2 may+fixed 104; mremap 100 3 3 may+fixed 107",
  // Growing up to a neighbour makes them one.
  "mmap 104 2 rw-p anon fixed; mmap 108 2 rw-p anon fixed; touch 108; mremap 104 2 4 none",
].map((story): readonly Line[] => story.split("; "));

/** Up to the first call that went another way here, with both answers; `undefined` if none did. */
function departure(lines: readonly Line[], theirs: readonly Answer[], using: Verbs = verbs): string | undefined {
  const ours = answers(lines, using);
  const at = lines.findIndex((_, step) => ours[step].result !== theirs[step].result || ours[step].areas !== theirs[step].areas);
  if (at < 0) return undefined;
  const story = formatTranscript([{ lines: lines.slice(0, at + 1), answers: theirs.slice(0, at + 1) }]);
  return `${story}here:\n${formatTranscript([{ lines: [lines[at]], answers: [ours[at]] }])}`;
}

describe("what Linux said", () => {
  const recorded = parseTranscript(readFileSync(path, "utf8"));

  test("is what happens here", () => {
    expect(recorded.map(({ lines, answers: theirs }) => departure(lines, theirs)).filter((text) => text !== undefined)).toEqual(
      [],
    );
  });

  test("speaks of every call, failed and not", () => {
    const counts = new Map<string, number>();
    for (const { lines, answers: theirs } of recorded) {
      lines.forEach((line, step) => {
        const key = `${line.split(" ")[0]} ${theirs[step].result.replace(/^[\d.]+$/, "ok")}`;
        const isHalfWay = step > 0 && theirs[step].result.startsWith("E") && theirs[step].areas !== theirs[step - 1].areas;
        for (const state of isHalfWay ? [key, `${key} half way`] : [key]) counts.set(state, (counts.get(state) ?? 0) + 1);
      });
    }
    const rare = expectedStates.filter((state) => (counts.get(state) ?? 0) < 3);
    expect(rare).toEqual([]);
  });

  test.each<[string, Verbs["apply"]]>([
    [
      "private pages that tie an area to no anon_vma",
      (areas, change) => (change.kind === "anon-vma-prepared" ? areas : applyAreaChange(areas, change)),
    ],
    [
      "a stack that is tied to none as it grows",
      (areas, change) =>
        change.kind === "area-grown" && change.direction === "down"
          ? forgetTies(applyAreaChange(areas, change))
          : applyAreaChange(areas, change),
    ],
    [
      "anonymous memory that always counts from its place",
      (areas, change) =>
        applyAreaChange(areas, change).map((area) => (isAnonymous(area) ? { ...area, offset: area.start } : area)),
    ],
    [
      "memory that is accounted for once and for all",
      (areas, change) =>
        applyAreaChange(
          areas,
          change.kind === "area-protected"
            ? { ...change, flags: change.flags | ((areaAt(areas, change.start)?.flags ?? 0) & VM_ACCOUNT) }
            : change,
        ),
    ],
    [
      "a grown area that stays apart from the next",
      (areas, change) =>
        change.kind === "area-grown" && change.direction === "up"
          ? areas.map((area) => (area.end === change.start ? { ...area, end: change.end } : area))
          : applyAreaChange(areas, change),
    ],
  ])("finds out %s", (_, apply) => {
    expect(recorded.some(({ lines, answers: theirs }) => departure(lines, theirs, { ...verbs, apply }) !== undefined)).toBe(true);
  });
});

function forgetTies(areas: readonly Area[]): readonly Area[] {
  return areas.map((area) => ((area.flags & VM_GROWSDOWN) === 0 ? area : { ...area, anonVma: undefined }));
}

const expectedStates =
  `mmap ok, mmap EINVAL, mmap ENOMEM, mmap EEXIST, mmap EACCES, munmap ok, munmap EINVAL, mprotect ok, mprotect ENOMEM,
mprotect EINVAL, mprotect ENOMEM half way, mremap ok, mremap EFAULT, mremap EINVAL, brk ok, touch ok, touch SIGSEGV, madvise ok,
madvise ENOMEM, madvise EINVAL, madvise ENOMEM half way`.split(/,\s+/);

const reason = whyNot(window);
if (reason !== undefined) console.warn(`Linux was not asked about areas: ${reason}`);

describe.skipIf(reason !== undefined)(
  `Linux ${release()} ${reason === undefined ? "itself" : `was not asked: ${reason}`}`,
  () => {
    test("says what was recorded", async () => {
      const list = [...named, ...fc.sample(history, { numRuns: 240, seed: 1 })];
      const said = ask(list, window);
      await expect(formatTranscript(list.map((lines, index) => ({ lines, answers: said[index] })))).toMatchFileSnapshot(
        path.pathname,
      );
    });

    test("agrees on new histories", () => {
      const seed = Date.now() % 2 ** 31;
      const list = fc.sample(history, { numRuns: 160, seed });
      const said = ask(list, window);
      const departures = list.flatMap((lines, index) => departure(lines, said[index]) ?? []);
      expect(departures, `seed ${seed}`).toEqual([]);
    });
  },
);
