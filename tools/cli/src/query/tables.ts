// The tables that queries are about: their columns, and what these mean.

import { eventColumns } from "../export/describe-columns.ts";
import type { ColumnDescription } from "../export/describe-columns.ts";

/** The name of a table. */
export type TableName = "events" | "checkpoints" | "areas" | "kinds";

const notNull = { nullable: false } as const;

/** Each table's columns, in order. */
export const tables: Readonly<Record<TableName, readonly ColumnDescription[]>> = {
  events: eventColumns,
  checkpoints: [
    { name: "begun", type: "int64", ...notNull, meaning: "moment of the event with which it began" },
    { name: "ended", type: "int64", ...notNull, meaning: "moment of the event with which it ended" },
    { name: "strategy", type: "text", ...notNull, meaning: "how its pages were chosen" },
    { name: "name", type: "text", ...notNull, meaning: "what it is called" },
    { name: "state", type: "text", ...notNull, meaning: "committed or failed" },
    { name: "pages", type: "int64", nullable: true, meaning: "pages saved" },
    { name: "bytes", type: "int64", nullable: true, meaning: "how large it is" },
  ],
  areas: [
    { name: "task", type: "int32", ...notNull, meaning: "index of the task" },
    { name: "low", type: "int64", ...notNull, meaning: "address of its first byte" },
    { name: "high", type: "int64", ...notNull, meaning: "address behind its last byte" },
    { name: "rights", type: "text", ...notNull, meaning: "as rw-p" },
    { name: "name", type: "text", ...notNull, meaning: "a file, [heap], [stack] or nothing" },
    { name: "since", type: "int64", ...notNull, meaning: "the first moment at which it is so" },
    { name: "until", type: "int64", ...notNull, meaning: "the first at which it is not any more" },
  ],
  kinds: [
    { name: "kind", type: "text", ...notNull, meaning: "a kind of event" },
    { name: "role", type: "text", ...notNull, meaning: "memory, state, file or note" },
    { name: "meaning", type: "text", ...notNull, meaning: "what it says" },
  ],
};
