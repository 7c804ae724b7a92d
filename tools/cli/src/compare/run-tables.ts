// Tables of the run itself, whatever the strategy: pages dirtied by interval, and the rounds of a pre-copy. They fit 80 columns.

import { frameBytes } from "@pagelapse/mmu";
import { formatDuration } from "../duration.ts";
import { formatBytes, formatCount, formatShortCount } from "../quantity.ts";
import { formatTable } from "../table.ts";
import type { ComparisonResult, PreCopyOutcome } from "./result.ts";

/** Distinct pages dirtied in an interval, the mean of all whole ones. */
export function dirtiedTable({ dirtied, costs }: ComparisonResult): readonly string[] {
  const most = Math.max(...dirtied.map(({ pages, count }) => pages / count));
  const rows = dirtied.map(({ interval, count, pages }) => [
    formatCount(Math.round(interval)),
    formatDuration(interval * costs.store),
    (pages / count).toFixed(1),
    formatBytes(Math.round((pages / count) * frameBytes)),
    "#".repeat(Math.max(1, Math.round((28 * pages) / count / most))),
  ]);
  return formatTable(
    [
      { heading: ["every", "stores"], align: "right" },
      { heading: ["program", "time"], align: "right" },
      { heading: ["pages", "dirtied"], align: "right" },
      { heading: ["bytes"], align: "right" },
      { heading: [""], align: "left" },
    ],
    rows,
  );
}

/** Rounds, those in the middle of many left out. */
export function preCopyTable({ result }: PreCopyOutcome): readonly string[] {
  const rounds = (result?.rounds ?? []).map(({ pages, seconds, dirtied }, index) => [
    `${index}`,
    formatShortCount(pages),
    formatBytes(pages * frameBytes),
    formatDuration(seconds),
    formatShortCount(dirtied),
  ]);
  const rows = rounds.length <= 10 ? rounds : [...rounds.slice(0, 6), ["...", "", "", "", ""], ...rounds.slice(-2)];
  return formatTable(
    [
      { heading: ["round"], align: "right" },
      { heading: ["pages", "sent"], align: "right" },
      { heading: ["bytes"], align: "right" },
      { heading: ["time"], align: "right" },
      { heading: ["dirtied", "meanwhile"], align: "right" },
    ],
    rows,
  );
}
