// Scenarios written as text.

import { grammar } from "./grammar.ts";
import type { Line, Scenario, Statement } from "./scenario.ts";
import type { Word } from "./word.ts";

/**
 * The text of a scenario: single blanks between words, comments two blanks behind a statement. Reading it gives the scenario again,
 * and printing what was read gives the same text again.
 */
export function printScenario(scenario: Scenario): string {
  return scenario.lines.map((line) => `${printLine(line)}\n`).join("");
}

function printLine({ statement, comment }: Line): string {
  const code = statement === undefined ? "" : printStatement(statement);
  if (comment === undefined) return code;
  return code === "" ? `#${comment}` : `${code}  #${comment}`;
}

/** A statement's words. */
export function printStatement(statement: Statement): string {
  const { processor, verb, flush, failure } = statement;
  const values = statement as unknown as Readonly<Record<string, unknown>>;
  const fields = Object.entries<Word<unknown>>(grammar[verb]).map(([name, word]) => word.write(values[name]));
  const before = processor === undefined ? "" : `${processor}:`;
  const behind = [flush === "omitted" ? "noflush" : "", failure === undefined ? "" : `fails ${failure}`];
  return [before, verb, ...fields, ...behind].filter((word) => word !== "").join(" ");
}
