// What a history shows of a strategy, the scenario that it is written down as shows, too: the model and the machine's own judgement agree.

import { strategies } from "@pagelapse/checkpoint";
import { i386, sv39, x86_64 } from "@pagelapse/mmu";
import { histories, whole } from "@pagelapse/trace/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { playHistory } from "../../src/testing/hunt/play-history.ts";
import { ScenarioWriter } from "../../src/testing/hunt/scenario-writer.ts";
import { foundBy } from "./found-by.ts";

test.each([x86_64, i386, sv39].map((architecture) => ({ name: architecture.name, architecture })))(
  "histories and scenarios agree on $name",
  ({ architecture }) => {
    const counts = { held: 0, failed: 0 };
    const property = fc.property(fc.constantFrom(...strategies), histories(whole), (strategy, history) => {
      const writer = new ScenarioWriter(architecture);
      let failure: unknown;
      try {
        playHistory(strategy, architecture, history, {
          command: (command, result) => writer.command(command, result),
          checkpoint: (faults) => writer.checkpoint(faults),
        });
      } catch (reason) {
        failure = reason;
      }
      const found = foundBy(strategy, writer.scenario.lines);
      expect(found.length > 0, `${strategy.name}: ${String(failure)}; ${found.join(", ")}`).toBe(failure !== undefined);
      counts[failure === undefined ? "held" : "failed"]++;
    });
    fc.assert(property, { numRuns: 100 });
    expect(counts.held).toBeGreaterThan(25);
    expect(counts.failed).toBeGreaterThan(7);
  },
);
