// Events as an Arrow IPC file, a record batch a table.

import { closeSync, openSync, writeSync } from "node:fs";
import {
  AsyncByteQueue,
  Binary,
  Field,
  Int32,
  Int64,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Uint64,
  Utf8,
  makeData,
  vectorFromArray,
} from "apache-arrow";
import type { DataType } from "apache-arrow";
import { eventColumns } from "./describe-columns.ts";
import type { ColumnType } from "./describe-columns.ts";
import type { EventTable } from "./event-table.ts";

const types: Readonly<Record<ColumnType, () => DataType>> = {
  int64: () => new Int64(),
  uint64: () => new Uint64(),
  int32: () => new Int32(),
  text: () => new Utf8(),
  json: () => new Utf8(),
  bytes: () => new Binary(),
};

/** Fills a file. */
export async function writeArrow(path: string, tables: AsyncIterable<EventTable>): Promise<void> {
  const fields = eventColumns.map(({ name, type, nullable }) => new Field(name, types[type](), nullable));
  const schema = new Schema(fields);
  const batchOf = ({ count, columns }: EventTable): RecordBatch => {
    const children = eventColumns.map(({ name }, index) => vectorFromArray([...columns[name]], fields[index].type).data[0]);
    return new RecordBatch(schema, makeData({ type: new Struct(fields), length: count, nullCount: 0, children }));
  };
  const descriptor = openSync(path, "r+");
  try {
    const writer = new RecordBatchFileWriter();
    writer.reset(new FileQueue(descriptor), schema);
    for await (const table of tables) writer.write(batchOf(table));
    writer.finish();
  } finally {
    closeSync(descriptor);
  }
}

/** Where a writer of Arrow puts its bytes: at once into a file, instead of into a queue that somebody must read. */
class FileQueue extends AsyncByteQueue {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    super();
    this.#descriptor = descriptor;
  }

  override write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) done += writeSync(this.#descriptor, bytes, done);
  }
}
