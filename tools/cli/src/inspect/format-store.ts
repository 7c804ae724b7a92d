// A store of images, told to a person: a line an image. It fits 80 columns.

import { fold } from "../paragraph.ts";
import { printable } from "../printable.ts";
import { formatBytes, formatNumberOf, formatShortCount } from "../quantity.ts";
import { formatTable } from "../table.ts";
import type { PageCounts } from "./page-counts.ts";

/** What stands in a store: plain JSON. */
export interface StoreFacts {
  /** As it was named. */
  readonly folder: string;
  readonly images: readonly {
    readonly name: string;
    readonly parent: number | undefined;
    readonly strategy: string;
    readonly moment: number;
    readonly processes: number;
    readonly pages: PageCounts;
    readonly encoding: string;
    readonly bytes: number;
  }[];
  readonly rejected: readonly { readonly name: string; readonly kind: string; readonly reason: string }[];
  readonly leftovers: readonly string[];
  readonly strangers: readonly string[];
}

const columns = [
  { heading: ["image"], align: "left" },
  { heading: ["parent"], align: "right" },
  { heading: ["events", "before"], align: "right" },
  { heading: ["pro-", "cesses"], align: "right" },
  { heading: ["data", "pages"], align: "right" },
  { heading: ["zero"], align: "right" },
  { heading: ["in", "parent"], align: "right" },
  { heading: ["bytes"], align: "right" },
  { heading: ["pages as"], align: "left" },
] as const;

/** The whole text, with the newline at its end. */
export function formatStore({ folder, images, rejected, leftovers, strangers }: StoreFacts): string {
  const strategies = [...new Set(images.map(({ strategy }) => printable(strategy)))].join(", ");
  const rows = images.map(({ name, parent, moment, processes, pages, bytes, encoding }) => [
    name,
    parent === undefined ? "-" : `${parent}`,
    formatShortCount(moment),
    `${processes}`,
    formatShortCount(pages.data),
    formatShortCount(pages.zero),
    formatShortCount(pages.parent),
    formatBytes(bytes),
    encoding,
  ]);
  const by = strategies === "" ? "" : ` by ${strategies}`;
  return [
    ...fold(`${printable(folder)}: ${formatNumberOf(images.length, "image")}${by}`, 80, "  "),
    ...(rows.length === 0 ? [] : ["", ...formatTable(columns, rows)]),
    ...(rejected.length + leftovers.length + strangers.length === 0 ? [] : [""]),
    ...rejected.flatMap(({ kind, reason }) => fold(`${kind}: ${reason}`, 80, "  ")),
    ...leftovers.flatMap((name) => fold(`${printable(name)}: never committed, or half removed`, 80, "  ")),
    ...strangers.flatMap((name) => fold(`${printable(name)}: not the store's`, 80, "  ")),
    "",
  ].join("\n");
}
