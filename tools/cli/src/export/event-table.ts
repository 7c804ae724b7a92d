// Events of a recording as tables of columns: so many rows at once, however long the recording is.

import { catalogue, kindNames } from "@pagelapse/events";
import type { EventBatch, KindName } from "@pagelapse/events";
import type { Timeline } from "@pagelapse/replay";
import { littleEndian } from "../little-endian.ts";
import { eventColumns } from "./describe-columns.ts";
import type { ColumnName } from "./describe-columns.ts";

/** Which events. */
export interface EventChoice {
  readonly from: number;
  /** A moment behind the last one. */
  readonly to: number;
  /** `undefined`: every kind. */
  readonly kinds: readonly KindName[] | undefined;
}

/** A cell: null where the kind of the event has nothing there. */
type Cell = bigint | number | string | Uint8Array | null;

/** Rows in columns, each as long as the others. */
export interface EventTable {
  readonly count: number;
  /** The moment behind its last row. */
  readonly end: number;
  readonly columns: Readonly<Record<ColumnName, readonly Cell[]>>;
}

/** Rows of a table at most: a row group of Parquet, a batch of Arrow. */
const rowLimit = 2 ** 16;
/** Bytes of events that make a table end before it is full. */
const byteLimit = 2 ** 25;

/** The chosen events, a table at a time; each is the caller's own. */
export async function* eventTables(timeline: Timeline, choice: EventChoice): AsyncGenerator<EventTable, void, undefined> {
  const codes = choice.kinds && new Set(choice.kinds.map((kind) => catalogue[kind].code));
  let columns = emptyColumns();
  let count = 0;
  let byteCount = 0;
  for await (const batch of timeline.batches(choice.from, choice.to)) {
    for (let row = 0; row < batch.count; row++) {
      if (codes?.has(batch.kind[row]) === false) continue;
      byteCount += addRow(columns, batch, row);
      count += 1;
      if (count < rowLimit && byteCount < byteLimit) continue;
      yield { count, end: batch.firstMoment + row + 1, columns };
      [columns, count, byteCount] = [emptyColumns(), 0, 0];
    }
  }
  if (count > 0) yield { count, end: choice.to, columns };
}

type Columns = Record<ColumnName, Cell[]>;

function emptyColumns(): Columns {
  return Object.fromEntries(eventColumns.map(({ name }): [string, Cell[]] => [name, []])) as Columns;
}

/** By code: the name, and which columns the kind has. */
const kinds: (KindName | undefined)[] = [];
const has: Record<"vaddr" | "paddr" | "length" | "bytes" | "from", Uint8Array> = {
  vaddr: new Uint8Array(256),
  paddr: new Uint8Array(256),
  length: new Uint8Array(256),
  bytes: new Uint8Array(256),
  from: new Uint8Array(256),
};
for (const name of kindNames()) {
  const { code } = catalogue[name];
  kinds[code] = name;
  for (const column of catalogue[name].columns) if (column !== "detail") has[column][code] = 1;
}

/** Returns how many bytes the event has. */
function addRow(columns: Columns, batch: EventBatch, row: number): number {
  const kind = batch.kind[row];
  const bytes = has.bytes[kind] === 1 ? batch.bytes(row) : undefined;
  const detail = batch.details.get(row);
  columns.moment.push(BigInt(batch.firstMoment + row));
  columns.kind.push(kinds[kind] ?? `${kind}`);
  columns.task.push(batch.task[row]);
  columns.processor.push(batch.processor[row]);
  columns.vaddr.push(has.vaddr[kind] === 1 ? BigInt(batch.vaddr[row]) : null);
  columns.paddr.push(has.paddr[kind] === 1 ? BigInt(batch.paddr[row]) : null);
  columns.length.push(has.length[kind] === 1 ? BigInt(batch.length[row]) : null);
  columns.value.push(bytes === undefined || bytes.length > 8 ? null : BigInt(littleEndian(bytes)));
  columns.bytes.push(bytes === undefined ? null : bytes.slice());
  columns.source.push(has.from[kind] === 1 ? BigInt(batch.heapWords[batch.data[row] * 2]) : null);
  columns.site.push(batch.site[row] === 0 ? null : BigInt(batch.site[row]));
  columns.origin.push(BigInt(batch.origin[row]));
  columns.detail.push(detail === undefined ? null : JSON.stringify(detail));
  return bytes?.length ?? 0;
}
