// What is in a trace, told to a person. It fits 80 columns.

import type { TraceFormat } from "@pagelapse/trace";
import type { Area } from "@pagelapse/vma";
import { formatRights } from "../area-text.ts";
import { printable } from "../printable.ts";
import { formatBytes, formatCount, formatNumberOf } from "../quantity.ts";
import { formatTable } from "../table.ts";

/** What is in a trace: plain JSON. */
export interface TraceInfo {
  /** As it was named. */
  readonly trace: string;
  readonly format: TraceFormat;
  /** Of the file, and of the trace in it. */
  readonly fileBytes: number;
  readonly traceBytes: number;
  /** How many there are of each kind of record, or line. */
  readonly records: Readonly<Record<string, number>>;
  readonly stores: number;
  readonly loads: number;
  readonly kernelWrites: number;
  readonly areasAtStart: readonly Area[];
  readonly areasAtEnd: readonly Area[];
  /** Pages whose contents the trace gives at its end. */
  readonly finalPages: number;
}

/** The whole text, with the newline at its end. */
export function formatInfo(info: TraceInfo): string {
  const format = { "recorded-stream": "a recorded stream", "lackey-text": "lackey text" }[info.format];
  const unpacked = info.fileBytes === info.traceBytes ? "" : ` (${formatBytes(info.traceBytes)} unpacked)`;
  const records = Object.entries(info.records).map(([name, count]) => [name, formatCount(count)]);
  const final = info.finalPages === 0 ? "" : `, ${formatNumberOf(info.finalPages, "page")} of final contents`;
  return [
    `${printable(info.trace === "-" ? "standard input" : info.trace)}: ${format}, ${formatBytes(info.fileBytes)}${unpacked}`,
    `${formatNumberOf(info.stores, "store")}, ${formatNumberOf(info.kernelWrites, "kernel write")}${final}`,
    "",
    ...formatTable(
      [
        { heading: [info.format === "lackey-text" ? "line" : "record"], align: "left" },
        { heading: ["count"], align: "right" },
      ],
      records,
    ),
    "",
    ...formatAreas("start", info.areasAtStart),
    "",
    ...formatAreas("end", info.areasAtEnd),
    "",
  ].join("\n");
}

function formatAreas(moment: string, areas: readonly Area[]): readonly string[] {
  const byteCount = areas.reduce((sum, { start, end }) => sum + end - start, 0);
  const rows = areas.map((area) => [
    area.start.toString(16),
    area.end.toString(16),
    formatRights(area.flags),
    kibibytes(area.end - area.start),
    shortName(area.name),
  ]);
  return [
    `At the ${moment}: ${formatNumberOf(areas.length, "area")}, ${kibibytes(byteCount)}`,
    ...(rows.length === 0 ? [] : formatTable(areaColumns, rows)),
  ];
}

const areaColumns = [
  { heading: ["start"], align: "right" },
  { heading: ["end"], align: "right" },
  { heading: ["allows"], align: "left" },
  { heading: ["size"], align: "right" },
  { heading: ["name"], align: "left" },
] as const;

/** Memory comes in pages of 4 KiB. */
function kibibytes(byteCount: number): string {
  return `${formatCount(byteCount / 1024)} KiB`;
}

/** What is left of 80 columns; of a long path the end tells more. */
function shortName(name: string): string {
  const room = 34;
  const text = printable(name);
  return text.length > room ? `...${text.slice(3 - room)}` : text;
}
