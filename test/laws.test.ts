// The laws that no single package can promise, over random histories in a tiny world.

import { architectures, i386, x86_64 } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { laws } from "./laws/laws.ts";
import type { LawName } from "./laws/laws.ts";

describe.each(architectures.map((architecture) => ({ name: architecture.name, architecture })))("$name", ({ architecture }) => {
  // The others differ from these two in the shape of tables and entries alone.
  const numRuns = architecture === x86_64 || architecture === i386 ? 120 : 40;
  test.each(Object.keys(laws) as LawName[])("%s", (name) => {
    const runs = name === "large pages are not seen" ? numRuns / 4 : numRuns;
    expect(laws[name]({ architecture, numRuns: runs })).toBe(runs);
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
  "mapped shared-file": 80,
  "mapped shared-anonymous": 80,
  "mapped again": 15,
  "mapped over a written page": 50,
  "unmapped a written page": 25,
  "discarded a written page": 20,
  "moved a written page": 12,
  "moved a written page, then a checkpoint": 5,
  "protected up to a hole": 12,
  "read before it was written": 40,
  "copied a page of a file": 60,
  "stored across pages": 12,
  "faulted on the second page": 6,
  "stored to a read-only page": 25,
  "stored to a page mapped twice": 1,
  forked: 120,
  "parent stored first": 30,
  "child stored first": 20,
  "stored to another process's memory": 50,
  "stored to one page on two processors": 60,
  "watched a child after its parent": 12,
  "swapped out a written page": 70,
  "swapped out a written page, then a checkpoint": 30,
  "swapped out a page of two processes": 10,
  "stored to a page that was out": 60,
  "loaded a page that was out": 35,
  "freed a written page": 60,
  "dropped a freed page": 10,
  "stored to a freed page": 6,
  "wrote back a stored page": 10,
  "stored by a device": 40,
  "stored by a device, then a checkpoint": 15,
  "migrate: a written page": 12,
  "left pages to the parent": 70,
  "saved pages in the third image of a chain": 70,
};

/** How many of 100 do where there are large pages. */
const largeFloors: Readonly<Record<string, number>> = {
  "collapse: a written page": 4,
  "parent stored first": 3,
  "swapped out a written page": 8,
  "dropped a freed page": 3,
};

test("histories meet the states in which things go wrong", () => {
  const met = new Map<string, number>();
  laws["each image of a chain brings back memory at its moment, and the last what a full one does"]({
    architecture: x86_64,
    numRuns: 500,
    met,
  });
  expect(rareIn(met, floors)).toEqual([]);
});

test("histories meet large pages", () => {
  const met = new Map<string, number>();
  laws["large pages are not seen"]({ architecture: x86_64, numRuns: 100, met });
  expect(rareIn(met, largeFloors)).toEqual([]);
});

/** What was met less often than it must be. */
function rareIn(met: ReadonlyMap<string, number>, least: Readonly<Record<string, number>>): readonly string[] {
  const rare = Object.entries(least).filter(([state, floor]) => (met.get(state) ?? 0) < floor);
  return rare.map(([state, floor]) => `${state}: ${met.get(state) ?? 0} of ${floor}`);
}
