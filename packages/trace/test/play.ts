// Scenarios played in tests, and told in a few words.

import { strategyNamed } from "@pagelapse/checkpoint";
import { BadScenario, parseScenario, runScenario } from "@pagelapse/trace";
import type { ScenarioOptions } from "@pagelapse/trace";

type MachineChange = ReturnType<NonNullable<ScenarioOptions["machine"]>>;

/** The strategies of which every shipped scenario says what comes of them. */
export const judged: readonly string[] = ["dirty-bit", "report-basic", "report-incremental"];

/** What came of the named strategies, of those of the table unless named. */
export function play(text: string, names: readonly string[] = judged, machine: MachineChange = {}) {
  const chosen = names.flatMap((name) => strategyNamed(name) ?? []);
  return runScenario(parseScenario(text), { strategies: chosen, machine: () => machine });
}

/** What went wrong with one strategy, or `holds`. */
export function foundOf(text: string, strategy: string, machine: MachineChange = {}): string {
  return play(text, [strategy], machine)[0].found.join(", ");
}

/** The error that a scenario ends in. */
export function refusalOf(text: string, names?: readonly string[]): BadScenario {
  try {
    play(text, names);
  } catch (reason) {
    if (reason instanceof BadScenario) return reason;
    throw reason;
  }
  throw new Error(`played:\n${text}`);
}
