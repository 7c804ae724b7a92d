// A comparison as one JSON object.

import { dalyInterval, prices, restoreSeconds, youngInterval } from "@pagelapse/checkpoint/cost";
import type { CostName } from "@pagelapse/checkpoint/cost";
import { frameBytes } from "@pagelapse/mmu";
import { findings, preCopyFinding } from "./comparison-findings.ts";
import type { ComparisonResult, IntervalResult, MeasuredStrategy, PreCopyOutcome } from "./result.ts";
import { wrongPages } from "./result.ts";
import { laterPause, timeLost } from "./strategy-tables.ts";

/**
 * The object that `--json` prints. Times are in seconds, sizes in bytes; what was not asked for is absent. `intervals` has an
 * entry for each --every, the first one first; `dirtied` counts stores.
 */
export function comparisonJson(result: ComparisonResult): object {
  const { trace, format, stores, kernelWrites, processors, seconds, costs, intervals, dirtied, preCopy, mtbf } = result;
  return {
    trace,
    format,
    stores,
    kernelWrites,
    processors,
    seconds,
    intervals: intervals.map((interval) => intervalJson(interval, result)),
    dirtied: dirtied.map(({ interval, count, pages }) => ({
      interval,
      intervals: count,
      pages,
      bytes: pages * frameBytes,
      mean: pages / count,
    })),
    preCopy: preCopy === undefined ? undefined : preCopyJson(preCopy),
    mtbf,
    costs: (Object.keys(prices) as CostName[]).map((name) => ({
      name,
      seconds: costs[name],
      each: prices[name].each,
      ...(costs[name] === prices[name].seconds
        ? { basis: prices[name].basis, source: prices[name].source }
        : { basis: "given", source: "--cost" }),
    })),
    findings: findings(result),
  };
}

function intervalJson(
  { every, checkpoints, changedPages, contentPages, strategies }: IntervalResult,
  result: ComparisonResult,
): object {
  return {
    every,
    checkpoints,
    changedPages,
    contentPages,
    strategies: strategies.map((strategy) => strategyJson(strategy, result)),
  };
}

function strategyJson(strategy: MeasuredStrategy, { costs, mtbf }: ComparisonResult): object {
  const { granules, restores, ...rest } = strategy;
  return {
    ...rest,
    wrongPages: wrongPages(strategy),
    restores: restores.map((restore) => ({ ...restore, seconds: restoreSeconds(restore, costs) })),
    granules: granules.length === 0 ? undefined : granules.map((each) => ({ ...each, bytes: each.pages * frameBytes })),
    failures: strategy.failures,
    intervals: mtbf === undefined || strategy.checkpoints === 0 ? undefined : failureJson(strategy, { costs, mtbf }),
  };
}

function failureJson(
  strategy: MeasuredStrategy,
  run: { readonly costs: ComparisonResult["costs"]; readonly mtbf: number },
): object {
  const pause = laterPause(strategy);
  const daly = dalyInterval(pause, run.mtbf);
  return { young: youngInterval(pause, run.mtbf), daly, timeLost: timeLost(strategy, daly, run) };
}

function preCopyJson(outcome: PreCopyOutcome): object {
  const { bandwidth, downtimeLimit, pages, result } = outcome;
  const again = result?.rounds.slice(1).reduce((sum, round) => sum + round.pages, result.lastPages);
  return {
    bandwidth,
    downtimeLimit,
    pages,
    ...result,
    bytesSentAgain: again === undefined ? undefined : again * frameBytes,
    finding: preCopyFinding(outcome),
  };
}
