// Scenarios played in tests, and told in a few words.

import { strategies, strategyNamed } from "@pagelapse/checkpoint";
import { BadScenario, parseScenario, runScenario } from "@pagelapse/trace";
import type { ScenarioOptions } from "@pagelapse/trace";

type MachineChange = ReturnType<NonNullable<ScenarioOptions["machine"]>>;

/** What came of the named strategies, by name; of all there are unless named. */
export function play(text: string, names: readonly string[] = strategies.map(({ name }) => name), machine: MachineChange = {}) {
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
