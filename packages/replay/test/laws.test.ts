import { describe, expect, test } from "vitest";
import { momentLaw, tlbLaw } from "./moments.ts";

describe.each([
  ["before every write", { weight: 0, touch: 0 }],
  ["every seven words", { weight: 56, touch: 0 }],
  ["never", { weight: Infinity, touch: 0 }],
] as const)("frames copied %s", (_, copies) => {
  test("a moment is what the facts up to it make, from any cursor, forward and back", async () => {
    await expect(momentLaw(copies)({ numRuns: 30 })).resolves.toBe(undefined);
  });
});

test("TLBs of the past are what they were", async () => {
  await expect(tlbLaw({ numRuns: 40 })).resolves.toBe(undefined);
});
