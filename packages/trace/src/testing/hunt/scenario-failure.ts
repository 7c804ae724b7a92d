// How a strategy fails a scenario.

import type { Strategy } from "@pagelapse/checkpoint";
import { BadScenario } from "../../scenario/bad-scenario.ts";
import { faultyCheckpoints } from "../../scenario/faulty-checkpoints.ts";
import { parseScenario } from "../../scenario/parse-scenario.ts";
import { printScenario } from "../../scenario/print-scenario.ts";
import { runScenario } from "../../scenario/run-scenario.ts";
import type { Scenario, Statement } from "../../scenario/scenario.ts";
import type { FailureKind } from "./failure.ts";

/** What a strategy did wrong: in the words of an `expect` line, or of the error that it threw. */
export interface ScenarioFailure {
  readonly kind: FailureKind;
  readonly words: string;
}

/** These statements as a scenario whose words stand where its text has them. */
export function scenarioOf(statements: readonly Statement[]): Scenario {
  return parseScenario(printScenario({ lines: statements.map((statement) => ({ statement, comment: undefined })) }));
}

/** What the strategy does wrong first, with a page that has a name. `undefined`: nothing of that kind, or the scenario cannot be played. */
export function failureIn(scenario: Scenario, strategy: Strategy, kind: FailureKind): ScenarioFailure | undefined {
  try {
    const [{ found }] = runScenario(scenario, { strategies: [strategy] });
    const faulty = faultyCheckpoints(scenario.lines.flatMap(({ statement }) => (statement === undefined ? [] : [statement])));
    const excused = new Set([...faulty].map((name) => `fails at ${name}`));
    const words = found.find((finding) => finding.split(" ")[0] === kind && !finding.includes("0x") && !excused.has(finding));
    return words === undefined ? undefined : { kind, words };
  } catch (reason) {
    if (reason instanceof BadScenario || kind !== "throws") return undefined;
    return { kind, words: reason instanceof Error ? reason.message : String(reason) };
  }
}
