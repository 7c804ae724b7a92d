// Where the lab report's checkpoints do not bring memory back: the smallest histories that show it.

import { architectures } from "@pagelapse/mmu";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alone, histories } from "@pagelapse/trace/testing";
import type { Ingredients, Selector, Step } from "@pagelapse/trace/testing";
import { readable, replayWith } from "./laws/report.ts";

const page: Selector = { state: "any", nth: 0 };

/** Steps that all speak of page 0. */
const steps: Readonly<Record<string, Step>> = {
  map: { processor: 0, do: "map", page, count: 1, prot: 3, origin: { kind: "anonymous" } },
  "map-file": { processor: 0, do: "map", page, count: 1, prot: 3, origin: { kind: "file", index: 0 } },
  share: { processor: 0, do: "map", page, count: 1, prot: 3, origin: { kind: "shared-anonymous" } },
  store: { processor: 0, do: "store", page, offset: 0, value: 1, size: 8 },
  load: { processor: 0, do: "load", page, offset: 0 },
  unmap: { processor: 0, do: "unmap", page, count: 1 },
  discard: { processor: 0, do: "discard", page, count: 1 },
  move: { processor: 0, do: "move", page, count: 1, to: { state: "any", nth: 1 } },
  forbid: { processor: 0, do: "protect", page, count: 1, prot: 0 },
  checkpoint: { processor: 0, do: "checkpoint" },
};

describe.each(architectures.map((architecture) => ({ name: architecture.name, architecture })))("$name", ({ architecture }) => {
  test.each([
    ["report-incremental", "map store checkpoint unmap checkpoint", "page 0 is resurrected"],
    ["report-incremental", "map store checkpoint move checkpoint", "page 0 is resurrected"],
    ["report-incremental", "map store checkpoint map checkpoint", "page 0 is stale"],
    ["report-incremental", "map store checkpoint discard checkpoint", "page 0 is stale"],
    ["report-incremental", "map-file load checkpoint map checkpoint", "page 0 is stale"],
    ["report-basic", "map store forbid checkpoint", "page 0 is lost"],
    ["report-basic", "share store discard checkpoint", "page 0 is lost"],
  ])("%s after %s: %s, where dirty-bit is right", (strategy, names, wrong) => {
    const history = names.split(" ").map((name) => steps[name]);
    expect(() => replayWith(architecture, strategy, "anything", history)).toThrow(wrong);
    expect(replayWith(architecture, "dirty-bit", "anything", history)).toBe(history.length);
  });

  test.each<[strategy: string, of: Ingredients, length: number]>([
    ["report-incremental", readable, 5],
    ["report-basic", alone, 4],
  ])("no random history breaks %s in fewer steps", (strategy, of, length) => {
    const outcome = fc.check(
      fc.property(histories(of), (history) => replayWith(architecture, strategy, "anything", history) === history.length),
      { numRuns: 1000 },
    );
    expect(outcome.failed).toBe(true);
    const [history] = outcome.counterexample ?? [[]];
    expect(stepsUntilWrong(strategy, history)).toBeGreaterThanOrEqual(length);
    expect(history.length).toBeLessThanOrEqual(length + 2);
  });

  function stepsUntilWrong(strategy: string, history: readonly Step[]): number {
    return history.findIndex((_, index) => isWrong(strategy, history.slice(0, index + 1))) + 1;
  }

  function isWrong(strategy: string, history: readonly Step[]): boolean {
    try {
      replayWith(architecture, strategy, "anything", history);
      return false;
    } catch {
      return true;
    }
  }
});
