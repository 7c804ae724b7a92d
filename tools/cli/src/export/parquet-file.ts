// Events as a Parquet file, a row group a table.

import { ParquetWriter, fileWriter } from "hyparquet-writer";
import type { SchemaElement } from "hyparquet";
import { eventColumns } from "./describe-columns.ts";
import type { ColumnType } from "./describe-columns.ts";
import type { EventTable } from "./event-table.ts";

const elements: Readonly<Record<ColumnType, Partial<SchemaElement>>> = {
  int64: { type: "INT64" },
  uint64: { type: "INT64", converted_type: "UINT_64" },
  int32: { type: "INT32" },
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  json: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  bytes: { type: "BYTE_ARRAY" },
};

/** Fills a file. */
export async function writeParquet(path: string, tables: AsyncIterable<EventTable>): Promise<void> {
  const writer = fileWriter(path);
  const schema: SchemaElement[] = [
    { name: "events", num_children: eventColumns.length },
    ...eventColumns.map(({ name, type, nullable }) => ({
      name,
      repetition_type: nullable ? ("OPTIONAL" as const) : ("REQUIRED" as const),
      ...elements[type],
    })),
  ];
  const file = new ParquetWriter({ writer, schema, createdBy: "pagelapse" });
  for await (const { count, columns } of tables) {
    await file.write({
      columnData: eventColumns.map(({ name }) => ({ name, data: [...columns[name]] })),
      rowGroupSize: count,
    });
  }
  await file.finish();
}
