// What goes wrong with one strategy in a scenario of these lines.

import type { Strategy } from "@pagelapse/checkpoint";
import { BadScenario, parseScenario, printScenario, runScenario } from "@pagelapse/trace";
import type { Line } from "@pagelapse/trace";

/** In the words of `expect` lines; nothing where the lines cannot be played. A checkpoint that fails with the store is left out. */
export function foundBy(strategy: Strategy, lines: readonly Line[]): readonly string[] {
  let isFaulty = false;
  const excused = new Set<string>();
  for (const { statement } of lines) {
    if (statement?.verb === "fault") isFaulty = statement.plan.length > 0;
    if (statement?.verb === "checkpoint" && isFaulty) excused.add(`fails at ${statement.name.text}`);
  }
  try {
    const [{ found }] = runScenario(parseScenario(printScenario({ lines })), { strategies: [strategy] });
    return found.filter((words) => words !== "holds" && !excused.has(words));
  } catch (reason) {
    if (reason instanceof BadScenario) return [];
    throw reason;
  }
}
