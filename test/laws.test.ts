// The laws that no single package can promise, over random histories in a tiny world.

import { strategies } from "@pagelapse/checkpoint";
import { architectures, i386, x86_64 } from "@pagelapse/mmu";
import { describe, expect, test } from "vitest";
import { laws } from "./laws/laws.ts";
import type { LawName } from "./laws/laws.ts";

describe.each(architectures.map((architecture) => ({ name: architecture.name, architecture })))("$name", ({ architecture }) => {
  // The others differ from these two in the shape of tables and entries alone.
  const numRuns = architecture === x86_64 || architecture === i386 ? 60 : 20;
  test.each(Object.keys(laws) as LawName[])("%s", (name) => {
    const runs = name === "large pages are not seen" ? numRuns / 5 : numRuns;
    expect(laws[name]({ architecture, numRuns: runs })).toBe(runs);
  });
});

const others = strategies.filter(({ claim, name }) => claim === "correct" && name !== "dirty-bit").map(({ name }) => name);
const combined = [
  "dirty-bit+unchanged+zeros",
  "soft-dirty+unchanged+compressed",
  "sub-page+unchanged",
  "forked+compressed+undumped",
];

describe.each([...others, ...combined])("%s on x86-64", (strategy) => {
  const names: readonly LawName[] = [
    "each image of a chain brings back memory at its moment, and the last what a full one does",
    "a machine that resumes an image goes on as if it had never stopped, and its next images are right",
    "a checkpoint that fails loses nothing",
    "looking changes nothing",
  ];
  test.each(names)("%s", (name) => {
    expect(laws[name]({ architecture: x86_64, numRuns: 20, strategy })).toBe(20);
  });
});

/** How many of 300 histories meet a state at least: a third of what they commonly do. */
const floors: Readonly<Record<string, number>> = {
  "mapped anonymous": 66,
  "mapped file": 55,
  "mapped shared-file": 44,
  "mapped shared-anonymous": 44,
  "mapped again": 8,
  "mapped over a written page": 27,
  "unmapped a written page": 13,
  "discarded a written page": 11,
  "moved a written page": 6,
  "moved a written page, then a checkpoint": 2,
  "protected up to a hole": 6,
  "read before it was written": 22,
  "copied a page of a file": 33,
  "stored across pages": 6,
  "faulted on the second page": 3,
  "stored to a read-only page": 13,
  "stored to a page mapped twice": 1,
  forked: 66,
  "parent stored first": 16,
  "child stored first": 11,
  "stored to another process's memory": 27,
  "stored to one page on two processors": 33,
  "watched a child after its parent": 6,
  "swapped out a written page": 38,
  "swapped out a written page, then a checkpoint": 16,
  "swapped out a page of two processes": 5,
  "stored to a page that was out": 33,
  "loaded a page that was out": 19,
  "freed a written page": 33,
  "dropped a freed page": 5,
  "stored to a freed page": 3,
  "wrote back a stored page": 5,
  "stored by a device": 22,
  "stored by a device, then a checkpoint": 8,
  "migrate: a written page": 6,
  "left pages to the parent": 38,
  "saved pages in the third image of a chain": 38,
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
    numRuns: 300,
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
