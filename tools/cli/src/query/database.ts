// A recording as tables of DuckDB, in a file of its own that is gone when the command ends.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBAppender, DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { catalogue, kindNames } from "@pagelapse/events";
import type { Timeline } from "@pagelapse/replay";
import { atEarlyEnd } from "../early-end.ts";
import type { ColumnType } from "../export/describe-columns.ts";
import { eventTables } from "../export/event-table.ts";
import { pastCheckpoints } from "../past-checkpoints.ts";
import { Refusal, systemRefusal } from "../refusal.ts";
import { pastAreas } from "./area-history.ts";
import { tables } from "./tables.ts";
import type { TableName } from "./tables.ts";

type DuckDb = typeof import("@duckdb/node-api");

/** How far the reading of a table has come. */
export type Hear = (share: number, rows: number) => Promise<void>;

/** An open database. */
export interface Database {
  readonly connection: DuckDBConnection;
  /** Removes it. */
  close(): void;
}

/** Makes the tables, and fills those whose names stand in the query. Throws a `Refusal` where DuckDB is not installed. */
export async function openDatabase(timeline: Timeline, sql: string, hear: Hear): Promise<Database> {
  const duckDb = await loadDuckDb();
  const folder = makeFolder();
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const cancel = atEarlyEnd(remove);
  const instance = await duckDb.DuckDBInstance.create(join(folder, "recording.duckdb"), {
    temp_directory: folder,
    autoinstall_known_extensions: "false",
  });
  const connection = await instance.connect();
  const close = (): void => {
    connection.closeSync();
    instance.closeSync();
    cancel();
    remove();
  };
  try {
    for (const table of Object.keys(tables) as TableName[]) await connection.run(createStatement(table));
    for (const table of Object.keys(tables) as TableName[]) {
      if (isNamed(table, sql)) await fill(duckDb, connection, table, rowsOf[table](timeline, hear));
    }
    return { connection, close };
  } catch (reason) {
    close();
    throw reason;
  }
}

async function loadDuckDb(): Promise<DuckDb> {
  try {
    return await import("@duckdb/node-api");
  } catch (reason) {
    const isMissing = reason instanceof Error && "code" in reason && reason.code === "ERR_MODULE_NOT_FOUND";
    if (!isMissing) throw reason;
    throw new Refusal(
      "query: expected DuckDB to be installed, found none: npm install @duckdb/node-api beside pagelapse, or --global as that is",
    );
  }
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), "pagelapse-query-"));
  } catch (reason) {
    throw systemRefusal(tmpdir(), "a folder that can be written to", reason) ?? reason;
  }
}

/** Whether a query may be about a table: whether its name stands there as a word. */
function isNamed(table: TableName, sql: string): boolean {
  return new RegExp(`\\b${table}\\b`, "i").test(sql);
}

const sqlTypes: Readonly<Record<ColumnType, string>> = {
  int64: "bigint",
  uint64: "ubigint",
  int32: "integer",
  text: "varchar",
  json: "varchar",
  bytes: "blob",
};

function createStatement(table: TableName): string {
  const columns = tables[table].map(({ name, type, nullable }) => `"${name}" ${sqlTypes[type]}${nullable ? "" : " not null"}`);
  return `create table ${table} (${columns.join(", ")})`;
}

/** So many rows, column by column. */
interface Rows {
  readonly count: number;
  readonly columns: readonly (readonly DuckDBValue[])[];
}

const rowsOf: Readonly<Record<TableName, (timeline: Timeline, hear: Hear) => AsyncIterable<Rows>>> = {
  async *events(timeline, hear) {
    let rows = 0;
    for await (const { count, end, columns } of eventTables(timeline, { from: 0, to: timeline.moments, kinds: undefined })) {
      rows += count;
      await hear(end / Math.max(1, timeline.moments), rows);
      yield { count, columns: tables.events.map(({ name }) => columns[name as keyof typeof columns]) as DuckDBValue[][] };
    }
  },
  async *checkpoints(timeline, hear) {
    const taken = await pastCheckpoints(timeline, hear);
    yield inColumns(
      taken.map((each) => [
        BigInt(each.begun),
        BigInt(each.ended),
        each.strategy,
        each.name,
        each.state,
        each.pagesSaved === undefined ? null : BigInt(each.pagesSaved),
        each.byteCount === undefined ? null : BigInt(each.byteCount),
      ]),
    );
  },
  async *areas(timeline, hear) {
    const rows: DuckDBValue[][] = [];
    for await (const { task, low, high, rights, name, since, until } of pastAreas(timeline, (share) => hear(share, rows.length)))
      rows.push([task, BigInt(low), BigInt(high), rights, name, BigInt(since), BigInt(until)]);
    yield inColumns(rows);
  },
  async *kinds() {
    yield inColumns(kindNames().map((kind) => [kind, catalogue[kind].role, catalogue[kind].meaning]));
  },
};

function inColumns(rows: readonly (readonly DuckDBValue[])[]): Rows {
  return { count: rows.length, columns: (rows.at(0) ?? []).map((_, column) => rows.map((row) => row[column])) };
}

/** Rows that DuckDB takes at once. */
const chunkRows = 2048;

async function fill(duckDb: DuckDb, connection: DuckDBConnection, table: TableName, source: AsyncIterable<Rows>): Promise<void> {
  const appender: DuckDBAppender = await connection.createAppender(table);
  const types = tables[table].map((_, column) => appender.columnType(column));
  for await (const { count, columns } of source) {
    for (let first = 0; first < count; first += chunkRows) {
      const chunk = duckDb.DuckDBDataChunk.create(types, Math.min(chunkRows, count - first));
      chunk.setColumns(columns.map((column) => blobs(duckDb, column.slice(first, first + chunkRows))));
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
}

/** Bytes are values of DuckDB's own kind. */
function blobs(duckDb: DuckDb, values: readonly DuckDBValue[]): readonly DuckDBValue[] {
  const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
  return values.some(isBytes) ? values.map((value) => (isBytes(value) ? new duckDb.DuckDBBlobValue(value) : value)) : values;
}
