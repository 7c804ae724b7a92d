// `pagelapse compare`: what strategies save, lose and cost on one trace.

import { strategies } from "@pagelapse/checkpoint";
import type { Strategy } from "@pagelapse/checkpoint";
import { prices, usualCosts } from "@pagelapse/checkpoint/cost";
import type { Costs } from "@pagelapse/checkpoint/cost";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { chooseMachine } from "../machine-choice.ts";
import type { MachineFlags } from "../machine-choice.ts";
import { nearest } from "../nearest.ts";
import { Pace } from "../pace.ts";
import { toJsonText } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { unknownWord } from "../refusal.ts";
import { print } from "../standard-output.ts";
import { chooseStrategies } from "../strategy-choice.ts";
import { openTraceFeed } from "../trace-feed.ts";
import type { TraceFeed } from "../trace-feed.ts";
import { openChart } from "./chart/chart-file.ts";
import type { PreCopyFlag } from "./compare-flags.ts";
import { comparisonJson } from "./comparison-json.ts";
import { ComparisonPass } from "./comparison-pass.ts";
import { formatComparison } from "./comparison-report.ts";
import { MeasuredRun } from "./measured-run.ts";
import { PlainRun } from "./plain-run.ts";
import type { ComparisonResult } from "./result.ts";
import { isRight } from "./result.ts";
import { makeScratchFolder } from "./scratch-folder.ts";
import type { ScratchFolder } from "./scratch-folder.ts";

/** The command's flags. */
export interface CompareFlags extends MachineFlags {
  /** Stores between two checkpoints; tables are of the first. */
  readonly every: readonly number[];
  readonly strategies?: readonly string[];
  /** Granules in bytes. */
  readonly pageSize?: readonly number[];
  readonly precopy?: PreCopyFlag;
  /** Seconds. */
  readonly mtbf?: number;
  /** Seconds by the name of the price. */
  readonly cost?: ReadonlyMap<string, number>;
  readonly processors: number;
  readonly chart?: string;
  readonly maps?: string;
  readonly json?: true;
}

/** Compares, prints what was found, and says in its exit code whether every strategy that claims to be correct was. */
export async function compare(path: string, flags: CompareFlags): Promise<ExitCode> {
  const begun = performance.now();
  const chosen = flags.strategies === undefined ? strategies : await chooseStrategies(flags.strategies, "--strategies");
  const costs = chooseCosts(flags.cost ?? new Map());
  chooseMachine(flags);
  const chart = flags.chart === undefined ? undefined : openChart(flags.chart);
  const feed = await openTraceFeed(path, flags.maps);
  const scratch = makeScratchFolder();
  try {
    const measured = await measure(feed, scratch, chosen, costs, flags);
    const result = { trace: path, ...measured, seconds: (performance.now() - begun) / 1000 };
    const code = claimsHeld(result) ? exitCodes.done : exitCodes.disproved;
    // Stands already should the reader leave before the end.
    process.exitCode = code;
    chart?.draw(result);
    await print(flags.json === true ? `${toJsonText(comparisonJson(result))}\n` : formatComparison(result, flags.chart));
    return code;
  } finally {
    scratch.clear();
    await feed.close();
  }
}

/** Each machine takes each chunk in turn, in one pass over the trace. */
async function measure(
  feed: TraceFeed,
  scratch: ScratchFolder,
  chosen: readonly Strategy[],
  costs: Costs,
  flags: CompareFlags,
): Promise<Omit<ComparisonResult, "trace" | "seconds">> {
  const { processors, precopy, pageSize: granules = [], mtbf } = flags;
  const machine = { ...chooseMachine(flags), processors };
  const { decoderFor } = feed;
  const every = intervalsFor(flags);
  const plain = feed.check(() => new PlainRun(machine, decoderFor, shortestInterval(flags.every[0]), costs.store));
  const intervals = every.map((stores) => ({
    every: stores,
    runs: chosen.map((strategy) => {
      const images = scratch.room(`${strategy.name}-${stores}`);
      return feed.check(() => new MeasuredRun(strategy, { machine, images, decoderFor, costs, granules }));
    }),
  }));
  const pass = new ComparisonPass(plain, intervals, (pages) => {
    if (precopy !== undefined) plain.startPreCopy(precopy, pages);
  });
  const progress = startProgress();
  try {
    const pace = new Pace();
    while ((await feed.step((chunk) => pass.take(chunk), pace.stepBytes)) === "fed") {
      progress.show(feed.share(), plain.decoder.stores);
      await pace.breathe();
    }
    feed.check(() => [plain, ...intervals.flatMap(({ runs }) => runs)].forEach((run) => run.end()));
  } finally {
    progress.clear();
  }
  const { format, stores, kernelWrites } = plain.decoder;
  return {
    format,
    stores,
    kernelWrites,
    processors,
    costs,
    intervals: intervals.map((interval, index) => ({
      every: interval.every,
      ...pass.checkpoints[index],
      strategies: interval.runs.map((run) => run.result(plain.counts)),
    })),
    dirtied: plain.dirtied(),
    preCopy: precopy === undefined ? undefined : plain.preCopyOutcome(precopy),
    mtbf,
  };
}

/** The interval that tables are of, then the others, ascending. */
function intervalsFor({ every, chart }: CompareFlags): readonly number[] {
  const [first, ...others] = every;
  const drawn =
    chart === undefined || others.length > 0 ? others : [1 / 4, 1 / 2, 2, 4].map((factor) => Math.round(first * factor));
  return [first, ...[...new Set(drawn)].filter((stores) => stores > 0 && stores !== first).toSorted((a, b) => a - b)];
}

/** A sixteenth of an interval, so that the curve is seen on both sides of it; of a short one the half, quarter or eighth. */
function shortestInterval(every: number): number {
  return every / 2 ** Math.min(4, Math.floor(Math.log2(every)));
}

function chooseCosts(given: ReadonlyMap<string, number>): Costs {
  const known = Object.keys(prices);
  const unknown = [...given.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownWord("--cost", unknown, known, nearest(unknown, known));
  return { ...usualCosts, ...Object.fromEntries(given) };
}

/** A strategy that took no checkpoint, as one that the processor has no bits for, brought nothing back wrong. */
function claimsHeld({ intervals }: ComparisonResult): boolean {
  return intervals.every((interval) =>
    interval.strategies.every((strategy) => strategy.claim === "flawed" || strategy.checkpoints === 0 || isRight(strategy)),
  );
}
