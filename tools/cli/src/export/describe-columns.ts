// The columns of exported events: their names, types and meanings.

/** What stands in a column. `uint64` and `int64` are exact; `json` is text. */
export type ColumnType = "int64" | "uint64" | "int32" | "text" | "json" | "bytes";

/** A column: `nullable` ones hold nothing where the kind of the event has nothing there. */
export interface ColumnDescription {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly meaning: string;
}

/** In the order in which they stand in the files. */
export const eventColumns = [
  { name: "moment", type: "int64", nullable: false, meaning: "how many events came before" },
  { name: "kind", type: "text", nullable: false, meaning: "the kind of the event" },
  { name: "task", type: "int32", nullable: false, meaning: "index of the task" },
  { name: "processor", type: "int32", nullable: false, meaning: "number of the processor" },
  { name: "vaddr", type: "int64", nullable: true, meaning: "virtual address" },
  { name: "paddr", type: "int64", nullable: true, meaning: "physical address" },
  { name: "length", type: "int64", nullable: true, meaning: "bytes; of TLB notes the slot" },
  { name: "value", type: "uint64", nullable: true, meaning: "1 to 8 bytes as a little-endian number" },
  { name: "bytes", type: "bytes", nullable: true, meaning: "the bytes written" },
  { name: "source", type: "int64", nullable: true, meaning: "paddr that a frame was copied from" },
  { name: "site", type: "int64", nullable: true, meaning: "address of the instruction, if known" },
  { name: "origin", type: "int64", nullable: false, meaning: "record or line of the trace" },
  { name: "detail", type: "json", nullable: true, meaning: "what else the event says, as JSON" },
] as const satisfies readonly ColumnDescription[];

/** The name of one of them. */
export type ColumnName = (typeof eventColumns)[number]["name"];

/** Lines for help: name, type, whether it may be null, and meaning. */
export function describeColumns(): readonly string[] {
  return eventColumns.map(
    ({ name, type, nullable, meaning }) => `  ${name.padEnd(10)} ${`${type}${nullable ? "?" : ""}`.padEnd(8)} ${meaning}`,
  );
}
