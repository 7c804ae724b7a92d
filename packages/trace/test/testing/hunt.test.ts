// The hunt: each wrong strategy is found soon, no right one is, and what is found is as short as it is said to be.

import { strategies, strategyNamed } from "@pagelapse/checkpoint";
import type { Strategy, Tracked } from "@pagelapse/checkpoint";
import { i386 } from "@pagelapse/mmu";
import { parseScenario, printScenario, runScenario } from "@pagelapse/trace";
import type { Line } from "@pagelapse/trace";
import { InconstantStrategy, checkStrategy, hunt, large } from "@pagelapse/trace/testing";
import type { Counterexample, HuntOptions } from "@pagelapse/trace/testing";
import { describe, expect, test } from "vitest";
import { foundBy } from "./found-by.ts";

function named(name: string): Strategy {
  const strategy = strategyNamed(name);
  if (strategy === undefined) throw new Error(`no strategy ${name}`);
  return strategy;
}

/** Those that were found already, by strategy and options. */
const known = new Map<string, Counterexample>();

function counterexample(name: string, options: HuntOptions): Counterexample {
  const key = `${name} ${options.seed}`;
  const result = known.get(key) ?? checkStrategy(named(name), options);
  if (result.kind === "holds") throw new Error(`${name} holds`);
  known.set(key, result);
  return result;
}

/** As many histories as the README says are enough for each, with any of the first seeds. */
const enough: Readonly<Record<string, number>> = {
  "report-basic": 20,
  "report-incremental": 20,
  "report-as-printed": 20,
  "dirty-bit-no-flush": 40,
  "dirty-bit-by-address": 600,
  "soft-dirty-no-vma-flag": 200,
  residency: 200,
  "clear-before-commit": 100,
};

test("every wrong strategy has its number", () => {
  const flawed = strategies.filter(({ claim }) => claim === "flawed").map(({ name }) => name);
  expect(Object.keys(enough).toSorted()).toEqual(flawed.toSorted());
});

describe.each(Object.entries(enough))("%s", (name, runs) => {
  test(`is found out within ${runs} histories, and the scenario expects just what it shows`, () => {
    const found = counterexample(name, { runs, seed: 1 });
    expect(found.runs).toBeLessThanOrEqual(runs);
    const text = printScenario(found.scenario);
    expect(printScenario(parseScenario(text))).toBe(text);
    const [outcome] = runScenario(parseScenario(text), { strategies: [named(name)] });
    expect(outcome).toMatchObject({ verdict: "met" });
    expect(outcome.found).toContain(found.lost);
    expect(outcome.expected).toEqual(outcome.found);
  });

  test("needs every statement of it, and every two of them", () => {
    const { failure, scenario } = counterexample(name, { runs, seed: 1 });
    const statements = scenario.lines.filter(({ statement }) => statement !== undefined && statement.verb !== "expect");
    const shows = (lines: readonly Line[]): boolean =>
      foundBy(named(name), lines).some((words) => words.split(" ")[0] === failure);
    expect(shows(statements)).toBe(true);
    for (let first = 0; first < statements.length; first++) {
      const one = statements.toSpliced(first, 1);
      expect(shows(one)).toBe(false);
      for (let second = first; second < one.length; second++) expect(shows(one.toSpliced(second, 1))).toBe(false);
    }
  });
});

test.each([2, 3])("the numbers are enough with seed %i, too", (seed) => {
  for (const [name, runs] of Object.entries(enough)) expect(isFoundWithin(name, { runs, seed }), name).toBe(true);
});

/** Whether a history is failed; it is not made any shorter. */
function isFoundWithin(name: string, options: HuntOptions): boolean {
  for (const { doing } of hunt(named(name), options)) if (doing === "shrinking") return true;
  return false;
}

/** What is said of a counterexample. */
describe("an explanation says which page, which write, and why", () => {
  test.each<readonly [name: string, seed: number, lines: readonly string[]]>([
    [
      "dirty-bit-no-flush",
      1,
      [
        "K1 brings A.0 back as K0 saved it: w A.0 2 is missing.",
        "w A.0 1: gets frame N, D set",
        "checkpoint K0: saves A.0; D cleared, the TLB not told",
        "w A.0 2: hits the TLB, where D is cached: D in the entry stays clear",
        "checkpoint K1: does not save A.0: D is clear, in frame N as before",
      ],
    ],
    [
      "residency",
      2,
      [
        "K0 brings A.0 back as if nobody had stored to it: w A.0 1 is missing.",
        "w A.0 1: gets frame N, D set",
        "swapout A.0: written to the swap device",
        "checkpoint K0: does not save A.0: its entry is a swap entry",
      ],
    ],
    [
      "report-incremental",
      2,
      [
        "The program reads other bytes at A.0 than it would without checkpoints: w A.0 2 is lost at swapout A.0.",
        "w A.0 1: gets frame N, D set",
        "swapout A.0: written to the swap device",
        "w A.0 2: swapped in to frame N, D set",
        "checkpoint K0: saves A.0; D cleared, the TLB not told",
        "swapout A.0: D is clear: the slot's old bytes are believed, and the frame's dropped",
      ],
    ],
    [
      "clear-before-commit",
      1,
      [
        "K2 brings A.0 back as K0 saved it: w A.0 2 is missing.",
        "w A.0 1: gets frame N, D set",
        "checkpoint K0: saves A.0; D cleared, the TLB flushed",
        "w A.0 2: D set",
        "checkpoint K1: fails: FILE was not written: ENOSPC; D cleared, the TLB flushed",
        "checkpoint K2: does not save A.0: D is clear, in frame N as before",
      ],
    ],
    [
      "report-as-printed",
      1,
      ["K0 is not taken, though the store does what it is told: NULL dereference: area->vm_end after the last area."],
    ],
  ])("%s", (name, seed, lines) => {
    const { explanation } = counterexample(name, { seed });
    const plain = explanation.map((line) => line.replace(/frame \d+/g, "frame N").replace(/fails: \S+ was/, "fails: FILE was"));
    expect(plain).toEqual(lines);
  });
});

const correct = strategies.filter(({ claim }) => claim === "correct");

test.each(correct.map(({ name }) => [name]))("%s holds", (name) => {
  const result = checkStrategy(named(name), { runs: 300, seed: 1 });
  expect(result).toMatchObject({ kind: "holds", runs: 300 });
  if (result.kind !== "holds") return;
  expect(result.checkpoints).toBeGreaterThan(900);
  expect(result.failedCheckpoints).toBeGreaterThan(90);
  for (const state of [
    "forked",
    "swapped out a written page",
    "moved a written page",
    "stored by a device",
    "freed a written page",
  ])
    expect(result.met.get(state) ?? 0, state).toBeGreaterThan(3);
});

test("where entries have no soft-dirty bit, the strategy that needs it takes no checkpoint", () => {
  const { explanation, lost, scenario } = counterexample("soft-dirty", { architecture: i386 });
  expect(lost).toBe("fails at K0");
  expect(printScenario(scenario)).toContain("\nmachine i386\n");
  expect(explanation[0]).toContain("entries of i386 have no soft-dirty bit");
});

test("the same options give the same counterexample, and a hunt tells how far it is", () => {
  expect(checkStrategy(named("residency"), { seed: 2 })).toEqual(counterexample("residency", { seed: 2 }));
  const doing = new Set([...hunt(named("residency"), { seed: 2 })].map((progress) => progress.doing));
  expect([...doing]).toEqual(["playing", "shrinking", "shortening"]);
  expect([...hunt(named("dirty-bit"), { runs: 41 })].map(({ count }) => count)).toEqual([0, 20, 40]);
});

test("large pages, for which the machine of a hunt has no room, are refused", () => {
  expect(() => checkStrategy(named("dirty-bit"), { ingredients: large })).toThrow("no room for large pages");
});

/** `dirty-bit` that now and then does something else first. */
function meddling(name: string, act: (tracked: Tracked, count: number) => void): Strategy {
  const right = named("dirty-bit");
  let count = 0;
  return {
    ...right,
    name,
    start() {
      const checkpointer = right.start();
      return {
        take(tracked) {
          act(tracked, count++);
          return checkpointer.take(tracked);
        },
      };
    },
  };
}

test("a strategy that fails once, and not again, is refused", () => {
  const once = meddling("once", (_, count) => {
    if (count === 40) throw new Error("just now");
  });
  expect(() => checkStrategy(once)).toThrow(new InconstantStrategy("once"));
});

test("a strategy that breaks the tables of the machine is found out", () => {
  // D of an entry is a bit of whatever stands there: here of the frame table, whose first records say what is free.
  const breaking = meddling("breaking", (tracked) => {
    for (let paddr = 0; paddr < 8192; paddr += 4) tracked.testAndClearDirty(0, paddr);
  });
  const result = checkStrategy(breaking);
  expect(result.kind).toBe("counterexample");
});

test("a strategy that throws is told of, with its words", () => {
  const throwing: Strategy = {
    ...named("dirty-bit"),
    name: "throwing",
    start: () => ({
      take() {
        throw new Error("no such page");
      },
    }),
  };
  const result = checkStrategy(throwing);
  expect(result).toMatchObject({
    kind: "counterexample",
    failure: "throws",
    lost: "no such page",
    explanation: ["The strategy throws: no such page."],
  });
  if (result.kind === "counterexample") expect(printScenario(result.scenario)).toContain("checkpoint K0");
});
