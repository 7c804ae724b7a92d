// The command `query`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import type { ExitCode } from "../exit-code.ts";
import { examples } from "./examples.ts";
import { tables } from "./tables.ts";

const tableLines = Object.entries(tables).flatMap(([table, columns]) => [
  table,
  ...columns.map(
    ({ name, type, nullable, meaning }) => `  ${name.padEnd(10)} ${`${type}${nullable ? "?" : ""}`.padEnd(8)} ${meaning}`,
  ),
]);

const exampleLines = examples.flatMap(({ question, sql }) => [
  "",
  `  ${question}`,
  ...sql.split("\n").map((line) => `    ${line}`),
]);

const help = `
The SQL is DuckDB's, which must be installed (npm install @duckdb/node-api). An
address in hexadecimal stands in quotes: vaddr >= '0x10000'. Only tables that
are named are read. JSON has an object a row; whole numbers of 2^53 and more are
text in it. In CSV, text that a spreadsheet would take for a formula begins with
an apostrophe.

Tables (? may be null):

${tableLines.join("\n")}

Examples:
  $ pagelapse query run.plr "select kind, count(*) from events group by kind"
  $ pagelapse query run.plr --csv "from checkpoints" > checkpoints.csv
${exampleLines.join("\n")}`;

/** Adds the command; `end` is told how it ended. */
export function addQuery(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("query")
    .description("Ask questions about a recording in SQL.")
    .argument("<recording>", "a file that `replay --record` has written")
    .argument("<sql>", "a query, in quotes")
    .option("--json", "print a JSON object a row, on a line of its own")
    .option("--csv", "print comma-separated values")
    .addHelpText("after", help)
    .action(async (recording, sql, options) => {
      const { query } = await import("./query.ts");
      end(await query(recording, sql, options));
    });
}
