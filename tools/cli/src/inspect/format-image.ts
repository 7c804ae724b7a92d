// An image, told to a person: its processes, their areas and pages. It fits 80 columns.

import type { ProcessImage, StoredImage } from "@pagelapse/checkpoint/store";
import type { Area } from "@pagelapse/vma";
import { formatRights } from "../area-text.ts";
import { fold } from "../paragraph.ts";
import { printable } from "../printable.ts";
import { formatBytes, formatCount, formatNumberOf } from "../quantity.ts";
import { formatTable } from "../table.ts";
import { pageCountsOf } from "./page-counts.ts";

/** The whole text, with the newline at its end. */
export function formatImage({ image, path, digest, encoding, pageCount, byteCount }: StoredImage): string {
  const { parent, strategy, architecture, moment, processes, shared } = image;
  const kind = parent === undefined ? "a full image" : `an increment on image-${parent.sequence}`;
  return [
    ...fold(
      `${path}: ${kind} of ${printable(architecture)} memory by ${printable(strategy)}, ${formatNumberOf(moment, "event")} in.`,
      80,
      "  ",
    ),
    `${formatNumberOf(pageCount, "page")} of its own, ${encoding}, ${formatBytes(byteCount)} in all.`,
    digest === "" ? "CRIU wrote it, and keeps no checksums." : `SHA-256 ${digest}`,
    ...processes.flatMap((process) => ["", ...formatProcess(process)]),
    ...(shared.length === 0 ? [] : [""]),
    ...shared.flatMap(({ file, object, runs }) =>
      fold(`Shared ${file === undefined ? `object ${object}` : printable(file)}: ${formatPages(pageCountsOf(runs))}`, 80, "  "),
    ),
    "",
  ].join("\n");
}

const columns = [
  { heading: ["start"], align: "right" },
  { heading: ["end"], align: "right" },
  { heading: ["allows"], align: "left" },
  { heading: ["data"], align: "right" },
  { heading: ["zero"], align: "right" },
  { heading: ["in", "parent"], align: "right" },
  { heading: ["name"], align: "left" },
] as const;

function formatProcess(process: ProcessImage): readonly string[] {
  const { pid, parentPid, areas, runs } = process;
  const child = parentPid === 0 ? "" : `, child of ${parentPid}`;
  const head = `Process ${pid}${child}: ${formatNumberOf(areas.length, "area")}, ${formatPages(pageCountsOf(runs))}`;
  const rows = areas.map((area) => {
    const { data, zero, parent } = pageCountsOf(runs.flatMap((run) => within(area, run)));
    return [
      area.start.toString(16),
      area.end.toString(16),
      formatRights(area.flags),
      formatCount(data),
      formatCount(zero),
      formatCount(parent),
      shortName(area.object === undefined ? area.name : `object ${area.object}`),
    ];
  });
  return [...fold(head, 80, "  "), ...(rows.length === 0 ? [] : formatTable(columns, rows))];
}

function formatPages({ data, zero, parent }: ReturnType<typeof pageCountsOf>): string {
  return `${formatNumberOf(data, "page")} here, ${formatCount(zero)} of zeros, ${formatCount(parent)} in the parent`;
}

type Run = ProcessImage["runs"][number];

/** The part of a run that lies in an area. */
function within({ start, end }: Area, run: Run): readonly Run[] {
  const from = Math.max(start, run.start);
  const to = Math.min(end, run.start + run.pageCount * 4096);
  return from < to ? [{ ...run, start: from, pageCount: (to - from) / 4096 }] : [];
}

/** What is left of 80 columns; of a long path the end tells more. */
function shortName(name: string): string {
  const room = 24;
  const text = printable(name);
  return text.length > room ? `...${text.slice(3 - room)}` : text;
}
