import { strategyNamed } from "@pagelapse/checkpoint";
import { x86_64 } from "@pagelapse/mmu";
import fc from "fast-check";
import { expect, test } from "vitest";
import { histories, parse } from "./history.ts";
import type { Step } from "./history.ts";
import { present } from "./present.ts";
import { run } from "./run.ts";

/** What a strategy loses first, the steps of the history between bars; the right one beside it loses nothing. */
const losses: readonly (readonly [flawed: string, right: string, history: string])[] = [
  ["dirty-bit-no-flush", "dirty-bit", "map 0 1 rw- anonymous | store 0 1 | checkpoint | store 0 2 | checkpoint"],
  ["dirty-bit-by-address", "dirty-bit", "map 0 1 rw- anonymous | store 0 1 | checkpoint | store 0 2 | swap 0 | checkpoint"],
  [
    "soft-dirty-no-vma-flag",
    "soft-dirty",
    `map 0 1 rw- shared file | store 0 1 | checkpoint | store 0 2
      map 0 1 rw- shared file | checkpoint`,
  ],
  [
    "clear-before-commit",
    "dirty-bit",
    "map 0 1 rw- anonymous | store 0 1 | checkpoint | store 0 2 | checkpoint no space | checkpoint",
  ],
];

test.each(losses)("%s loses a page where %s does not", (flawed, right, history) => {
  const steps = parse(history.replaceAll("|", "\n"));
  run(x86_64, present(strategyNamed(right)), steps, new Set());
  expect(() => run(x86_64, present(strategyNamed(flawed)), steps, new Set())).toThrow("page 0 has other bytes");
  for (const [index, step] of steps.entries())
    if (step.do !== "map" && step !== steps.at(-1)) {
      const shorter = steps.toSpliced(index, 1);
      expect(() => run(x86_64, present(strategyNamed(flawed)), shorter, new Set()), step.do).not.toThrow();
    }
});

/** Histories of shared memory in two pages, where much of what is mapped comes in the place of something else. */
const crowded = histories.map((steps) =>
  steps.map((step): Step => {
    if (step.do === "checkpoint") return step;
    const page = step.page & 1;
    if (step.do === "map") return { ...step, page, count: 1, prot: "rw-", backing: sharedBacking[step.backing] };
    if (step.do === "move") return { ...step, page, to: step.to & 1 };
    return "count" in step ? { ...step, page, count: 1 } : { ...step, page };
  }),
);
const sharedBacking = {
  anonymous: "shared memory",
  "shared memory": "shared memory",
  "private file": "shared file",
  "shared file": "shared file",
  "nobody's": "shared file",
} as const;

test.each([
  ["dirty-bit-no-flush", 100],
  ["soft-dirty-no-vma-flag", 300],
  ["clear-before-commit", 100],
])("%s is found out within %i histories", (name, numRuns) => {
  const strategy = present(strategyNamed(name));
  expect(strategy.claim).toBe("flawed");
  const found = fc.check(
    fc.property(crowded, (steps) => void run(x86_64, strategy, steps, new Set())),
    { numRuns, seed: 11, endOnFailure: true },
  );
  expect(found.failed).toBe(true);
});
