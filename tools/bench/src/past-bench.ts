// `npm run bench:past`: what questions about a recording take, in milliseconds and in reads, as a table for each recording.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openFileSource } from "@pagelapse/replay/node";
import { writeMadeRecording, writeStreamRecording } from "./made-recording.ts";
import { askEverything } from "./past-questions.ts";
import type { Asked } from "./past-questions.ts";

const help = `npm run bench:past -- [--events N] [--times N] [--repeat N] [--in FOLDER] [--only WORD]

  --events N    stores of the recordings that are made up (default: 10000000; 100000000 for the floors)
  --times N     how often what is quick is asked (default: 200)
  --repeat N    how often a recorded stream runs (default: 20)
  --in FOLDER   keep the recordings there, and use those that are there
  --only WORD   only recordings whose name has this word, such as random
`;

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "10000000" },
    times: { type: "string", default: "200" },
    repeat: { type: "string", default: "20" },
    in: { type: "string" },
    only: { type: "string", default: "" },
    help: { type: "boolean" },
  },
});
const [events, times, repeat] = [values.events, values.times, values.repeat].map(Number);
if (values.help === true || ![events, times, repeat].every((count) => Number.isInteger(count) && count >= 1)) {
  process.stderr.write(help);
  process.exit(values.help === true ? 0 : 2);
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const recordings: Readonly<Record<string, (path: string) => void>> = {
  [`random-${events}`]: (path) => writeMadeRecording(path, "random", events),
  [`hot-${events}`]: (path) => writeMadeRecording(path, "hot", events),
  [`sqlite-${repeat}-times`]: (path) => writeStreamRecording(path, here("../../cli/traces/sqlite.mr.gz"), repeat),
  [`mremap-${repeat}-times`]: (path) => writeStreamRecording(path, here("../traces/mremap.mr.gz"), repeat),
};
const folder = values.in ?? mkdtempSync(join(tmpdir(), "pagelapse-bench-"));
try {
  for (const [name, write] of Object.entries(recordings)) {
    if (!name.includes(values.only)) continue;
    const path = join(folder, `${name}.plr`);
    if (!existsSync(path)) write(path);
    const source = openFileSource(path);
    const rows: Asked[] = [];
    for await (const row of askEverything(source, times)) rows.push(row);
    source.close();
    process.stdout.write(`${name}, ${Math.round(source.size / 1e6)} MB\n${table(rows)}\n`);
  }
  process.stdout.write(`most memory: ${Math.round(process.resourceUsage().maxRSS / 1000)} MB\n`);
} finally {
  if (values.in === undefined) rmSync(folder, { recursive: true });
}

function table(rows: readonly Asked[]): string {
  const pair = (numbers: readonly [number, number] | undefined, digits: number): string =>
    numbers === undefined ? "" : numbers.map((number) => number.toFixed(digits)).join(" / ");
  const cells = [
    ["p50 / p99", "ms", "floors", "reads", "blocks", "segments"],
    ...rows.map(({ question, milliseconds, floors, reads, blocks, segments }) => [
      question,
      pair(milliseconds, 2),
      pair(floors, 0),
      pair(reads, 0),
      pair(blocks, 0),
      pair(segments, 0),
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column])).join("  ")}`.trimEnd().concat("\n"))
    .join("");
}
