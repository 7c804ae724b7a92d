// The lines of the chart: for each strategy, and for the pages dirtied, sizes by interval.

import { frameBytes } from "@pagelapse/mmu";
import type { ComparisonResult } from "../result.ts";
import { incrementBytes, wrongPages } from "../result.ts";

/** A place on a line: bytes of a checkpoint after the first, with so many stores between two. */
export interface ChartPoint {
  readonly every: number;
  readonly bytes: number;
}

/** One strategy. */
export interface ChartLine {
  readonly name: string;
  /** Pages that came back wrong, at all intervals together. */
  readonly wrongPages: number;
  /** Ascending; one at least. */
  readonly points: readonly ChartPoint[];
}

/** Strategies that took two checkpoints or more at some interval, in the order of the comparison. */
export function strategyLines({ intervals }: ComparisonResult): readonly ChartLine[] {
  const ascending = intervals.toSorted((a, b) => a.every - b.every);
  const [{ strategies }] = intervals;
  return strategies.flatMap(({ name }, index) => {
    const results = ascending.map((interval) => ({ every: interval.every, strategy: interval.strategies[index] }));
    const points = results.flatMap(({ every, strategy }) => {
      const bytes = incrementBytes(strategy);
      return bytes === undefined || bytes <= 0 ? [] : [{ every, bytes }];
    });
    if (points.length === 0) return [];
    return [{ name, wrongPages: results.reduce((sum, { strategy }) => sum + wrongPages(strategy), 0), points }];
  });
}

/** Pages dirtied in an interval, in bytes, from one interval to another. */
export function dirtiedPoints({ dirtied }: ComparisonResult, from: number, to: number): readonly ChartPoint[] {
  return dirtied
    .map(({ interval, pages, count }) => ({ every: interval, bytes: (pages / count) * frameBytes }))
    .filter(({ every, bytes }) => bytes > 0 && every >= from * 0.999 && every <= to * 1.001);
}

/** For each line, which of the lines that lie on the same points it is, and how many these are. */
export function coincidences(lines: readonly ChartLine[]): readonly { readonly index: number; readonly count: number }[] {
  const keyOf = ({ points }: ChartLine): string =>
    points.map(({ every, bytes }) => `${every}:${Math.round(Math.log10(bytes) * 200)}`).join(" ");
  const keys = lines.map(keyOf);
  return keys.map((key, line) => {
    const same = keys.flatMap((other, index) => (other === key ? [index] : []));
    return { index: same.indexOf(line), count: same.length };
  });
}
