// Every law fails where a deliberate bug breaks it: so a law that holds says something.

import { x86_64 } from "@pagelapse/mmu";
import { expect, test } from "vitest";
import { laws } from "./laws/laws.ts";
import { mutatedLaws } from "./laws/mutated-laws.ts";
import { mutants } from "./laws/mutants/all.ts";

test.each(mutants)("$bug: found out", async (mutant) => {
  const mutated = await mutatedLaws(mutant);
  const { law, strategy = "dirty-bit" } = mutant;
  const trial = { architecture: x86_64, numRuns: 1000, seed: 5, failure: "first", strategy } as const;
  expect(() => mutated[law](trial)).toThrow("Property failed");
});

test("every law finds a bug out", () => {
  const broken = new Set<string>(mutants.map(({ law }) => law));
  expect(Object.keys(laws).filter((name) => !broken.has(name))).toEqual([]);
});
