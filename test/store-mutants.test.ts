// Histories of a store find each deliberate bug out: so that they find none says something.

import { expect, test } from "vitest";
import type * as Histories from "../packages/checkpoint/test/store/histories.ts";
import { mutatedModule } from "./mutated-module.ts";
import { storeMutants } from "./store/mutants.ts";

test.each(storeMutants)("$bug: found out", async (mutant) => {
  const { checkHistories } = await mutatedModule<typeof Histories>("packages/checkpoint/test/store/histories.ts", [mutant]);
  expect(() => checkHistories({ numRuns: 300, seed: 5, endOnFailure: true })).toThrow("Property failed");
});
