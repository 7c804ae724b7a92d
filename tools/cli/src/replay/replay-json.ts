// A replay as one JSON object: the members that scripts rely on, then what only some ask for.

import { findings } from "./findings.ts";
import { claimsHeld, wrongPages } from "./result.ts";
import type { ReplayResult, StrategyResult } from "./result.ts";

/** The object that `--json` prints. `final` is that of the machine which came out worst. */
export function replayJson(result: ReplayResult): object {
  const { trace, stores, kernelWrites, seconds, format, every, folder, layout } = result;
  const { pages, wrongBytes } = result.strategies.map(({ final }) => final).toSorted((a, b) => b.wrongBytes - a.wrongBytes)[0];
  return {
    trace,
    stores,
    kernelWrites,
    seconds,
    final: { pages, wrongBytes },
    strategies: result.strategies.map(strategyJson),
    format,
    every,
    out: folder,
    held: claimsHeld(result),
    layout,
    findings: findings(result),
  };
}

function strategyJson(strategy: StrategyResult): object {
  const { name, checkpoints, events, pagesSaved, bytes, fullBytes, lost, stale, resurrected, seconds, ...rest } = strategy;
  const wrong = wrongPages(strategy);
  return {
    name,
    checkpoints,
    events,
    pagesSaved,
    bytes,
    fullBytes,
    wrongPages: wrong,
    lost,
    stale,
    resurrected,
    seconds,
    ...rest,
  };
}
