// `pagelapse query`: questions about a recording in SQL.

import { setImmediate } from "node:timers/promises";
import type { DuckDBConnection, DuckDBResult, DuckDBValue } from "@duckdb/node-api";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { toJsonText } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { badRecordingRefusal, openRecording } from "../recording-input.ts";
import { Refusal } from "../refusal.ts";
import { print } from "../standard-output.ts";
import { cellCsv, cellJson } from "./cell-text.ts";
import { openDatabase } from "./database.ts";
import { printTable } from "./result-table.ts";

/** The command's flags. */
export interface QueryFlags {
  readonly json?: true;
  readonly csv?: true;
}

/** Runs a query and prints what it gives. What DuckDB finds wrong with it is a `Refusal`. */
export async function query(path: string, sql: string, flags: QueryFlags): Promise<ExitCode> {
  if (flags.json === true && flags.csv === true) throw new Refusal("query: expected --json or --csv, found both");
  const { timeline, close } = await openRecording(path);
  const progress = startProgress();
  try {
    const database = await openDatabase(timeline, sql, async (share, rows) => {
      progress.show(share, rows, "rows");
      // Lets signals in.
      await setImmediate();
    });
    progress.clear();
    try {
      await printResult(await run(database.connection, sql), flags);
    } finally {
      database.close();
    }
    return exitCodes.done;
  } catch (reason) {
    throw badRecordingRefusal(path, reason) ?? reason;
  } finally {
    progress.clear();
    close();
  }
}

async function run(connection: DuckDBConnection, sql: string): Promise<DuckDBResult> {
  try {
    return await connection.stream(sql);
  } catch (reason) {
    throw sqlRefusal(reason);
  }
}

/** DuckDB's own words, in one line. */
function sqlRefusal(reason: unknown): Refusal {
  const message = reason instanceof Error ? reason.message : String(reason);
  const line = message
    .split("\n")
    .map((each) => each.trim())
    .filter((each) => each !== "" && !/^\^+$/.test(each))
    .join(" ");
  return new Refusal(`query: expected SQL that DuckDB can run, found: ${line}`);
}

async function printResult(result: DuckDBResult, { json, csv }: QueryFlags): Promise<void> {
  const names = result.deduplicatedColumnNames();
  const rows = rowsOf(result);
  if (json === true)
    await printLines(rows, (row) => toJsonText(Object.fromEntries(row.map((value, column) => [names[column], cellJson(value)]))));
  else if (csv === true) {
    await print(`${names.map(cellCsv).join(",")}\r\n`);
    await printLines(rows, (row) => `${row.map(cellCsv).join(",")}\r`);
  } else await printTable(names, result.columnTypes().map(String), rows);
}

/** The rows, so many at once; an error in the middle of them is the query's. */
async function* rowsOf(result: DuckDBResult): AsyncGenerator<readonly DuckDBValue[][], void, undefined> {
  try {
    for await (const rows of result.yieldRows()) yield rows;
  } catch (reason) {
    throw sqlRefusal(reason);
  }
}

async function printLines(
  rows: AsyncIterable<readonly (readonly DuckDBValue[])[]>,
  lineOf: (row: readonly DuckDBValue[]) => string,
): Promise<void> {
  for await (const some of rows) await print(some.map((row) => `${lineOf(row)}\n`).join(""));
}
