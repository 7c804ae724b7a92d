// A scenario told to a person: what it shows, a table, and a sentence for each strategy. It fits 80 columns.

import type { ScenarioOutcome } from "@pagelapse/trace";
import { paint } from "../colour.ts";
import { fold } from "../paragraph.ts";
import { printable } from "../printable.ts";
import { formatBytes, formatShortCount } from "../quantity.ts";
import { formatTable } from "../table.ts";
import type { Column } from "../table.ts";

/** A scenario that was played. */
export interface ScenarioResult {
  /** Its file, as it was named. */
  readonly scenario: string;
  readonly explanation: string;
  readonly outcomes: readonly ScenarioOutcome[];
  /** Where the checkpoint files are. */
  readonly folder: string;
}

const columns: readonly Column[] = [
  { heading: ["strategy"], align: "left" },
  { heading: ["checkpoints"], align: "right" },
  { heading: ["pages", "saved"], align: "right" },
  { heading: ["bytes"], align: "right" },
  { heading: ["expectation"], align: "left" },
];

/** The whole text, with the newline at its end. The same scenario gives the same text, but for the folder. */
export function formatScenarioReport({ scenario, explanation, outcomes, folder }: ScenarioResult): string {
  const { stdout } = process;
  const rows = outcomes.map(({ strategy, checkpoints, pagesSaved, bytes, verdict }) => [
    strategy,
    formatShortCount(checkpoints),
    formatShortCount(pagesSaved),
    formatBytes(bytes),
    verdict === "nothing expected" ? "none" : verdict,
  ]);
  const table = formatTable(columns, rows);
  const headings = table.slice(0, table.length - rows.length);
  const broken = outcomes.filter(({ verdict }) => verdict === "not met");
  const verdict =
    broken.length === 0
      ? paint(stdout, "green", "All came as expected.")
      : paint(stdout, "red", `Not as expected: ${broken.map(({ strategy }) => strategy).join(", ")}.`);
  return [
    ...fold(printable(`${scenario}: ${explanation.replaceAll("\n", " ")}`), 80, ""),
    "",
    ...headings.map((line) => paint(stdout, "bold", line)),
    ...table.slice(headings.length),
    "",
    ...outcomes.flatMap((outcome) => fold(sentence(outcome), 80, "  ")),
    verdict,
    "",
    `Checkpoint files: ${printable(folder)}`,
    "",
  ].join("\n");
}

function sentence({ strategy, expected, found, verdict }: ScenarioOutcome): string {
  const came = found.join(", ");
  if (expected === undefined) return `${strategy}: ${came}; nothing was expected.`;
  return verdict === "met"
    ? `${strategy}: ${came}, as expected.`
    : `${strategy}: expected ${expected.join(", ")}; found ${came}.`;
}
