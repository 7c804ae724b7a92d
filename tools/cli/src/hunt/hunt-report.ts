// A hunt told to a person: what was found, and the scenario beside its reasons. It fits 80 columns but for long lines of a scenario.

import { printStatement } from "@pagelapse/trace";
import type { Counterexample, Held } from "@pagelapse/trace/testing";
import { paint } from "../colour.ts";
import { fold } from "../paragraph.ts";
import { printable } from "../printable.ts";
import { formatCount } from "../quantity.ts";

/** A hunt that is over. */
export interface HuntResult {
  /** As it was named. */
  readonly strategy: string;
  /** The file that the scenario of a counterexample was saved in. */
  readonly out: string;
  readonly result: Held | Counterexample;
}

/** The whole text, with the newline at its end. */
export function formatHunt({ strategy, out, result }: HuntResult): string {
  const lines = result.kind === "holds" ? formatHeld(strategy, result) : formatFound(strategy, out, result);
  return `${lines.join("\n")}\n`;
}

function formatHeld(strategy: string, { runs, seed, steps, checkpoints, failedCheckpoints }: Held): readonly string[] {
  const verdict = paint(
    process.stdout,
    "green",
    `No counterexample in ${formatCount(runs)} runs: ${printable(strategy)} lost nothing.`,
  );
  const what = `Seed ${seed}: ${formatCount(steps)} steps, ${formatCount(checkpoints)} checkpoints, ${formatCount(failedCheckpoints)} of which failed with their store.`;
  return [verdict, ...fold(what, 80, "")];
}

function formatFound(strategy: string, out: string, result: Counterexample): readonly string[] {
  const { lost, runs, seed, scenario, failure } = result;
  const what = failure === "throws" ? `throws: ${lost}` : lost;
  const verdict = `${printable(strategy)} ${printable(what)}.`;
  const rows = scenario.lines.flatMap(({ statement, comment }) =>
    statement === undefined || statement.verb === "expect"
      ? []
      : [{ text: printStatement(statement), why: comment?.trim() ?? "" }],
  );
  const width = Math.min(36, Math.max(...rows.map(({ text }) => text.length))) + 2;
  return [
    paint(process.stdout, "red", verdict),
    ...fold(`History ${formatCount(runs)} of seed ${seed}; ${printable(result.explanation[0])}`, 80, ""),
    "",
    ...rows.flatMap(({ text, why }) => formatRow(text, printable(why), width)),
    "",
    `Scenario: ${printable(out)}`,
  ];
}

/** A statement, and behind it the reason, folded. */
function formatRow(text: string, why: string, width: number): readonly string[] {
  if (why === "") return [`  ${text}`];
  const folded = fold(why, 78 - width, "");
  if (text.length > width - 2) return [`  ${text}`, ...folded.map((line) => `  ${"".padEnd(width)}${line}`)];
  return folded.map((line, at) => `  ${(at === 0 ? text : "").padEnd(width)}${line}`);
}
