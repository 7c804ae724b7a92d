// Random histories made into scenarios that can be run: what fails is meant to fail, and what cannot be asked is left out.

import type { Strategy } from "@pagelapse/checkpoint";
import { BadScenario, parseScenario, printScenario, runScenario } from "@pagelapse/trace";
import type { Line, Scenario, ScenarioOutcome, Statement } from "@pagelapse/trace";

/** A scenario that ran, and what came of it. */
export interface Mended {
  readonly scenario: Scenario;
  readonly outcomes: readonly ScenarioOutcome[];
}

/** Runs a history on the machine of that line; each time it is refused the line at fault is mended. */
export function mend(machine: string, history: readonly Statement[], strategies: readonly Strategy[]): Mended {
  let lines: readonly Line[] = history.map((statement) => ({ statement, comment: undefined }));
  for (;;) {
    const scenario = parseScenario(`${machine}\n${printScenario({ lines })}`);
    try {
      runScenario(scenario, { strategies: [] });
      return { scenario, outcomes: runScenario(scenario, { strategies }) };
    } catch (reason) {
      if (!(reason instanceof BadScenario)) throw reason;
      lines = mendLine(scenario.lines.slice(1), reason.line - 2, reason);
    }
  }
}

function mendLine(lines: readonly Line[], index: number, { expected, found }: BadScenario): readonly Line[] {
  const { statement, comment } = lines[index];
  const isFailure = expected.endsWith("to succeed") && statement !== undefined;
  return isFailure ? lines.with(index, { statement: { ...statement, failure: found }, comment }) : lines.toSpliced(index, 1);
}
