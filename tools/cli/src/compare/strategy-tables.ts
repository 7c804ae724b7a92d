// Tables with a row a strategy: what is saved, what is paid, what a restore reads. They fit 80 columns.

import { dalyInterval, expectedSlowdown, restoreSeconds, youngInterval } from "@pagelapse/checkpoint/cost";
import { frameBytes } from "@pagelapse/mmu";
import { paint } from "../colour.ts";
import { formatDuration } from "../duration.ts";
import { formatBytes, formatShare, formatShortCount } from "../quantity.ts";
import { formatTable } from "../table.ts";
import type { ComparisonResult, IntervalResult, MeasuredStrategy } from "./result.ts";
import { fullBytes, incrementBytes, isRight, wrongPages } from "./result.ts";

/** A column of figures of which less is better; a figure that a strategy has not got is `undefined`. */
interface Figures {
  readonly heading: readonly string[];
  readonly of: (strategy: MeasuredStrategy) => number | undefined;
  readonly format: (figure: number) => string;
  /** Whether a figure is red on a terminal. */
  readonly isBad?: (figure: number) => boolean;
}

/**
 * A row a strategy. On a terminal the least figure of a column is green, found among those strategies that came back right, unless
 * they all have it.
 */
function strategyTable(strategies: readonly MeasuredStrategy[], columns: readonly Figures[]): readonly string[] {
  const rows = strategies.map((strategy) => [
    strategy.name,
    ...columns.map(({ of, format }) => {
      const figure = strategy.checkpoints === 0 ? undefined : of(strategy);
      return figure === undefined ? "-" : format(figure);
    }),
  ]);
  const right = strategies.filter(isRight);
  const best = columns.map(({ of }) => {
    const figures = right.map(of).filter((figure) => figure !== undefined);
    const least = Math.min(...figures);
    return figures.some((figure) => figure > least) ? least : undefined;
  });
  return formatTable(
    [{ heading: ["strategy"], align: "left" }, ...columns.map(({ heading }) => ({ heading, align: "right" }) as const)],
    rows,
    (text, row, column) => {
      if (column === 0) return text;
      const { of, isBad } = columns[column - 1];
      const figure = of(strategies[row]);
      if (figure !== undefined && isBad?.(figure) === true) return paint(process.stdout, "red", text);
      return isRight(strategies[row]) && figure === best[column - 1] ? paint(process.stdout, "green", text) : text;
    },
  );
}

/** Pages and bytes, and which of them were needless or came back wrong. */
export function savedTable(interval: IntervalResult): readonly string[] {
  const full = fullBytes(interval);
  return strategyTable(interval.strategies, [
    { heading: ["pages", "saved"], of: ({ pagesSaved }) => pagesSaved, format: formatShortCount },
    { heading: ["need-", "less"], of: ({ needlessPages }) => needlessPages, format: formatShortCount },
    { heading: ["wrong"], of: wrongPages, format: formatShortCount, isBad: (pages) => pages > 0 },
    { heading: ["bytes"], of: ({ bytes }) => bytes, format: formatBytes },
    { heading: ["of", "full"], of: ({ bytes }) => bytes / full, format: (share) => formatShare(share, 1) },
    { heading: ["an in-", "crement"], of: incrementBytes, format: formatBytes },
  ]);
}

/** What checkpoints take from the program, at the prices of the run. */
export function paidTable({ strategies }: IntervalResult, { costs, stores, processors }: ComparisonResult): readonly string[] {
  const programSeconds = stores * costs.store;
  return strategyTable(strategies, [
    { heading: ["faults"], of: ({ faults }) => faults, format: formatShortCount },
    { heading: ["flushes"], of: ({ flushes }) => flushes, format: formatShortCount },
    ...(processors > 1
      ? [{ heading: ["shoot-", "downs"], of: ({ shootdowns }: MeasuredStrategy) => shootdowns, format: formatShortCount }]
      : []),
    { heading: ["first", "pause"], of: ({ pause }) => pause.first, format: formatDuration },
    { heading: ["later", "pauses"], of: laterPause, format: formatDuration },
    { heading: ["longest"], of: ({ pause }) => pause.longest, format: formatDuration },
    { heading: ["of the", "program"], of: ({ seconds }) => seconds / programSeconds, format: (share) => formatShare(share, 1) },
  ]);
}

/** Bytes read to restore some of the checkpoints, then all that the last one takes. */
export function restoreTable({ strategies, checkpoints }: IntervalResult, { costs }: ComparisonResult): readonly string[] {
  const shown = [...new Set([1, Math.ceil(checkpoints / 2), checkpoints])];
  return strategyTable(strategies, [
    ...shown.map((number) => ({
      heading: [number === shown[0] ? "bytes for" : "", `number ${number}`],
      of: ({ restores }: MeasuredStrategy) => restores.at(number - 1)?.bytes,
      format: formatBytes,
    })),
    { heading: ["images"], of: ({ restores }) => restores.at(-1)?.images, format: formatShortCount },
    { heading: ["files"], of: ({ restores }) => restores.at(-1)?.files, format: formatShortCount },
    {
      heading: ["time"],
      of: ({ restores }) => (restores.length === 0 ? undefined : restoreSeconds(restores[restores.length - 1], costs)),
      format: formatDuration,
    },
  ]);
}

/** Pages saved, or their bytes, were changes known by granules only. */
export function granuleTable({ strategies }: IntervalResult, unit: "pages" | "bytes"): readonly string[] {
  return strategyTable(
    strategies,
    strategies[0].granules.map(({ granuleBytes }, index) => ({
      heading: [unit, `by ${formatGranule(granuleBytes)}`],
      of: ({ granules }: MeasuredStrategy) => granules[index].pages * (unit === "pages" ? 1 : frameBytes),
      format: unit === "pages" ? formatShortCount : formatBytes,
    })),
  );
}

/** Intervals for a rate of failures. */
export function failureTable({ strategies }: IntervalResult, { costs }: ComparisonResult, mtbf: number): readonly string[] {
  const daly = (strategy: MeasuredStrategy): number => dalyInterval(laterPause(strategy), mtbf);
  return strategyTable(strategies, [
    { heading: ["pause"], of: laterPause, format: formatDuration },
    { heading: ["Young's", "interval"], of: (strategy) => youngInterval(laterPause(strategy), mtbf), format: formatDuration },
    { heading: ["Daly's", "interval"], of: daly, format: formatDuration },
    {
      heading: ["in", "stores"],
      of: (strategy) => daly(strategy) / costs.store,
      format: (stores) => formatShortCount(Math.round(stores)),
    },
    {
      heading: ["time", "lost"],
      of: (strategy) => timeLost(strategy, daly(strategy), { costs, mtbf }),
      format: (share) => `${(100 * share).toPrecision(3)} %`,
    },
  ]);
}

/** Bytes of all images, for each interval. */
export function intervalTable(intervals: readonly IntervalResult[]): readonly string[] {
  const ascending = intervals.toSorted((a, b) => a.every - b.every);
  return strategyTable(
    intervals[0].strategies,
    ascending.map((interval) => ({
      heading: ["every", formatShortCount(interval.every)],
      of: ({ name }: MeasuredStrategy) => {
        const strategy = interval.strategies.find((each) => each.name === name);
        return strategy === undefined || strategy.checkpoints === 0 ? undefined : strategy.bytes;
      },
      format: formatBytes,
    })),
  );
}

/** The pause of checkpoints after the first; of the first, where there is no other. */
export function laterPause({ pause, checkpoints }: MeasuredStrategy): number {
  return checkpoints > 1 ? pause.later : pause.first;
}

/** Share of the program's time that checkpoints and failures take at an interval: 0.01 is a hundredth. */
export function timeLost(
  strategy: MeasuredStrategy,
  interval: number,
  { costs, mtbf }: { readonly costs: ComparisonResult["costs"]; readonly mtbf: number },
): number | undefined {
  const restore = strategy.restores.at(-1);
  if (restore === undefined) return undefined;
  return expectedSlowdown({ interval, cost: laterPause(strategy), restart: restoreSeconds(restore, costs), mtbf }) - 1;
}

/** 4k, 64k, 2M. */
function formatGranule(byteCount: number): string {
  return byteCount >= 2 ** 20 ? `${byteCount / 2 ** 20}M` : `${byteCount / 2 ** 10}k`;
}
