// The laws that no single package can promise, over random histories in a tiny world.

import { architectures, i386, x86_64 } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { laws } from "./laws/laws.ts";
import type { LawName } from "./laws/laws.ts";

describe.each(architectures.map((architecture) => ({ name: architecture.name, architecture })))("$name", ({ architecture }) => {
  // The others differ from these two in the shape of tables and entries alone.
  const numRuns = architecture === x86_64 || architecture === i386 ? 120 : 40;
  test.each(Object.keys(laws) as LawName[])("%s", (name) => {
    expect(laws[name]({ architecture, numRuns })).toBe(numRuns);
  });
});

describe.each(["soft-dirty", "write-protect", "dirty-log", "content-hash"])("%s on x86-64", (strategy) => {
  const names: readonly LawName[] = [
    "each image of a chain brings back memory at its moment, and the last what a full one does",
    "a machine that resumes an image goes on as if it had never stopped, and its next images are right",
    "a checkpoint that fails loses nothing",
  ];
  test.each(names)("%s", (name) => {
    expect(laws[name]({ architecture: x86_64, numRuns: 80, strategy })).toBe(80);
  });
});

/** How many of 500 histories meet a state at least: a third of what they commonly do. */
const floors: Readonly<Record<string, number>> = {
  "mapped anonymous": 120,
  "mapped file": 100,
  "mapped shared-file": 60,
  "mapped shared-anonymous": 60,
  "mapped again": 50,
  "mapped over a written page": 70,
  "unmapped a written page": 30,
  "discarded a written page": 30,
  "moved a written page": 15,
  "protected up to a hole": 40,
  "read before it was written": 70,
  "copied a page of a file": 50,
  "stored across pages": 15,
  "faulted on the second page": 12,
  "stored to a read-only page": 80,
  "stored to a page mapped twice": 3,
  "left pages to the parent": 100,
  "saved pages in the third image of a chain": 60,
};

test("histories meet the states in which things go wrong", () => {
  const met = new Map<string, number>();
  laws["each image of a chain brings back memory at its moment, and the last what a full one does"]({
    architecture: x86_64,
    numRuns: 500,
    met,
  });
  const rare = Object.entries(floors).filter(([state, floor]) => (met.get(state) ?? 0) < floor);
  expect(rare.map(([state, floor]) => `${state}: ${met.get(state) ?? 0} of ${floor}`)).toEqual([]);
});
