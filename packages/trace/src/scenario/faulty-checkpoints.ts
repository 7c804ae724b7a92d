// Which checkpoints of a scenario meet a store that fails.

import type { Statement } from "./scenario.ts";

/** Their names: that such a one is not taken is nobody's fault. Of one with its steps apart the last counts, which writes. */
export function faultyCheckpoints(statements: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>();
  let isFaulty = false;
  for (const statement of statements) {
    if (statement.verb === "fault") isFaulty = statement.plan.length > 0;
    if ((statement.verb === "checkpoint" || statement.verb === "commit") && isFaulty) names.add(statement.name.text);
  }
  return names;
}
