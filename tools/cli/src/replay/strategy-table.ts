// The one table of a replay: a row a strategy. It fits 80 columns.

import { formatBytes, formatShare, formatSeconds, formatShortCount } from "../quantity.ts";
import { formatTable } from "../table.ts";
import type { Column } from "../table.ts";
import { wrongPages } from "./result.ts";
import type { StrategyResult } from "./result.ts";

const columns: readonly Column[] = [
  { heading: ["strategy"], align: "left" },
  { heading: ["checkpoints"], align: "right" },
  { heading: ["pages", "saved"], align: "right" },
  { heading: ["bytes"], align: "right" },
  { heading: ["share of", "full"], align: "right" },
  { heading: ["lost or", "stale"], align: "right" },
  { heading: ["time"], align: "right" },
];

/** Lines of the table. `lost or stale` counts resurrected pages, too: all that came back wrong. */
export function strategyTable(strategies: readonly StrategyResult[]): readonly string[] {
  const rows = strategies.map((result) => [
    result.name,
    formatShortCount(result.checkpoints),
    formatShortCount(result.pagesSaved),
    formatBytes(result.bytes),
    formatShare(result.bytes, result.fullBytes),
    formatShortCount(wrongPages(result)),
    formatSeconds(result.seconds),
  ]);
  return formatTable(columns, rows);
}
