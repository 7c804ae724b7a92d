// `npm run bench`: every figure measured over several runs, as a table and, with --json FILE, as JSON.

import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { figures } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { Bench } from "./run.ts";

const help = `npm run bench -- [--runs N] [--only WORD] [--json FILE]

  --runs N      runs of each figure, in turn with the others (default: 5)
  --only WORD   only the figures whose name has this word, such as sqlite
  --json FILE   also write the figures as JSON
`;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    only: { type: "string", default: "" },
    json: { type: "string" },
    help: { type: "boolean" },
  },
});
const runs = Number(values.runs);
const chosen = figures.filter((figure) => figure.name.includes(values.only));
if (values.help === true || !(Number.isInteger(runs) && runs >= 1) || chosen.length === 0) {
  process.stderr.write(help);
  process.exit(values.help === true ? 0 : 2);
}

const bench = new Bench();
const measured = new Map<Figure, number[]>(chosen.map((figure) => [figure, []]));
try {
  // Round by round, so that a slow minute of the machine falls on every figure alike.
  for (let round = 1; round <= runs; round++) {
    for (const [figure, sample] of measured) {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Krun ${round} of ${runs}: ${figure.name}`);
      sample.push(bench.run(figure.measure));
    }
  }
} finally {
  bench.clear();
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}

const results = [...measured].map(([figure, sample]) => summarise(figure, sample));
process.stdout.write(table());
if (values.json !== undefined) {
  const machine = {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model,
    processors: availableParallelism(),
  };
  writeFileSync(values.json, `${JSON.stringify({ machine, runs, figures: results }, undefined, 2)}\n`);
}

interface Result {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly floor: number | undefined;
  readonly goal: number | undefined;
  readonly reached: "goal" | "floor" | "below the floor" | "";
}

function summarise({ name, unit, better, floor, goal }: Figure, sample: readonly number[]): Result {
  const sorted = sample.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  const meets = (mark: number): boolean => (better === "higher" ? median >= mark : median <= mark);
  const reached =
    floor === undefined || goal === undefined ? "" : meets(goal) ? "goal" : meets(floor) ? "floor" : "below the floor";
  return { name, unit, median, least: sorted[0], most: sorted[sorted.length - 1], floor, goal, reached };
}

function table(): string {
  const cells = results.map((result) => [
    result.name,
    show(result.median),
    `${show(result.least)} to ${show(result.most)}`,
    result.unit,
    result.floor === undefined ? "" : `${result.floor}`,
    result.goal === undefined ? "" : `${result.goal}`,
    result.reached,
  ]);
  const rows = [["figure", `median of ${runs}`, "least to most", "unit", "floor", "goal", "reached"], ...cells];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function show(value: number): string {
  return value.toFixed(1);
}
