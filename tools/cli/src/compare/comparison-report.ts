// A comparison told to a person: tables, then what stands out. It fits 80 columns.

import { prices } from "@pagelapse/checkpoint/cost";
import type { CostName } from "@pagelapse/checkpoint/cost";
import { paint } from "../colour.ts";
import { formatDuration } from "../duration.ts";
import { fold } from "../paragraph.ts";
import { printable } from "../printable.ts";
import { formatBytes, formatCount, formatNumberOf, formatSeconds } from "../quantity.ts";
import { findings, preCopyFinding } from "./comparison-findings.ts";
import type { ComparisonResult } from "./result.ts";
import { dirtiedTable, preCopyTable } from "./run-tables.ts";
import { failureTable, granuleTable, intervalTable, paidTable, restoreTable, savedTable } from "./strategy-tables.ts";

/** The whole text, with the newline at its end. `chart`: the file that a chart was drawn in. */
export function formatComparison(result: ComparisonResult, chart: string | undefined): string {
  const [interval] = result.intervals;
  const { checkpoints, changedPages, contentPages, every } = interval;
  const sections =
    checkpoints === 0
      ? []
      : [
          section(
            `Saved in ${formatNumberOf(checkpoints, "checkpoint")}, one every ${formatCount(every)} stores: of ${formatNumberOf(contentPages, "page")}, ${formatCount(changedPages)} had changed`,
            savedTable(interval),
          ),
          ...granuleSections(result),
          section("Paid, by the prices below", paidTable(interval, result)),
          section("Read to restore", restoreTable(interval, result)),
          ...(result.intervals.length > 1 ? [section("Bytes of all images", intervalTable(result.intervals))] : []),
        ];
  return [
    ...fold(summary(result), 80, ""),
    "",
    ...sections.flat(),
    ...(result.dirtied.length === 0
      ? []
      : section("Distinct pages dirtied in an interval, by the program and for it", dirtiedTable(result))),
    ...preCopySection(result),
    ...failureSection(result),
    ...fold(priceSentence(result), 80, "  "),
    "",
    ...findings(result).flatMap((sentence) => fold(printable(sentence), 80, "  ")),
    ...(chart === undefined ? [] : ["", `Chart: ${printable(chart)}`]),
    "",
  ].join("\n");
}

function section(title: string, table: readonly string[]): readonly string[] {
  return [paint(process.stdout, "bold", title), ...table, ""];
}

function summary({ trace, stores, kernelWrites, seconds, intervals, processors }: ComparisonResult): string {
  const name = trace === "-" ? "standard input" : trace;
  const machines = formatNumberOf(intervals[0].strategies.length * intervals.length + 1, "machine");
  const each = processors === 1 ? "" : ` of ${processors} processors`;
  return `${printable(name)}: ${formatNumberOf(stores, "store")}, ${formatNumberOf(kernelWrites, "kernel write")} in ${machines}${each}; ${formatSeconds(seconds)}.`;
}

function granuleSections({ intervals: [interval] }: ComparisonResult): readonly (readonly string[])[] {
  if (interval.strategies[0].granules.length === 0) return [];
  return [
    section("Pages saved, were changes known by granules only", granuleTable(interval, "pages")),
    section("The bytes of these pages", granuleTable(interval, "bytes")),
  ];
}

function preCopySection({ preCopy, intervals: [{ every }] }: ComparisonResult): readonly string[] {
  if (preCopy === undefined) return [];
  const { bandwidth, pages } = preCopy;
  const title = `Pre-copy at ${formatBytes(bandwidth)} a second, begun after ${formatNumberOf(every, "store")}`;
  const table = pages === undefined ? [] : preCopyTable(preCopy);
  return [paint(process.stdout, "bold", title), ...table, ...fold(preCopyFinding(preCopy), 80, "  "), ""];
}

function failureSection(result: ComparisonResult): readonly string[] {
  const { mtbf, intervals } = result;
  const [interval] = intervals;
  if (mtbf === undefined || interval.checkpoints === 0) return [];
  const caution = `The pauses are those of checkpoints every ${formatCount(interval.every)} stores (${formatDuration(interval.every * result.costs.store)} of the program); further apart, increments are larger.`;
  return [
    paint(process.stdout, "bold", `Intervals where something fails once in ${formatDuration(mtbf)}`),
    ...failureTable(interval, result, mtbf),
    ...fold(caution, 80, "  "),
    "",
  ];
}

/** Every price, and what it stands on. */
function priceSentence({ costs }: ComparisonResult): string {
  const names = Object.keys(prices) as CostName[];
  const given = names.filter((name) => costs[name] !== prices[name].seconds);
  const groups: readonly (readonly [words: string, names: readonly CostName[]])[] = [
    ["set by --cost", given],
    ...(["measured", "assumed"] as const).map(
      (basis) => [basis, names.filter((name) => prices[name].basis === basis && !given.includes(name))] as const,
    ),
  ];
  const parts = groups
    .filter(([, priced]) => priced.length > 0)
    .map(([words, priced]) => `${words}: ${priced.map((name) => `${name} ${formatDuration(costs[name])}`).join(", ")}`);
  return `Prices (compare --help says of what; --cost sets them), ${parts.join("; ")}.`;
}
