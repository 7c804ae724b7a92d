// Whatever a program does, each of its images brings back its memory, until it is removed for two newer generations.

import { expect, test } from "vitest";
import { checkHistories } from "./histories.ts";

test("images of random histories are all there, and bring back what was in memory", () => {
  const seen = checkHistories({ numRuns: 90 });
  expect(seen.images).toBeGreaterThan(300);
  expect(seen.longChains).toBeGreaterThan(60);
  expect(seen.merges).toBeGreaterThan(30);
  expect(seen.removed).toBeGreaterThan(20);
});
