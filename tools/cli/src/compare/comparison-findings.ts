// What stands out in a comparison, in sentences.

import { frameBytes } from "@pagelapse/mmu";
import { formatDuration } from "../duration.ts";
import { formatBytes, formatCount, formatNumberOf, formatShare } from "../quantity.ts";
import type { ComparisonResult, IntervalResult, MeasuredStrategy, PreCopyOutcome } from "./result.ts";
import { fullBytes, isRight, wrongPages } from "./result.ts";
import { laterPause } from "./strategy-tables.ts";

/** Sentences without line breaks: of sizes, pauses, intervals, then of what went wrong. */
export function findings(result: ComparisonResult): readonly string[] {
  const [interval] = result.intervals;
  if (interval.checkpoints === 0) {
    return [
      `No checkpoint was taken: the trace has only ${formatNumberOf(result.stores, "store")}, and the first checkpoint is due after ${formatCount(interval.every)}.`,
    ];
  }
  return [...sizeFinding(interval), ...pauseFinding(interval), ...intervalFinding(result), ...troubleFindings(interval)];
}

/** Who writes least, and how near that is to what no increment can do without. */
function sizeFinding(interval: IntervalResult): readonly string[] {
  const right = interval.strategies.filter((strategy) => isRight(strategy));
  const [least] = leastOf(right, ({ bytes }) => bytes);
  if (least === undefined) return [];
  const { name, bytes, pagesSaved, needlessPages } = least;
  const needless =
    interval.checkpoints === 1
      ? ""
      : ` Of the ${formatNumberOf(pagesSaved, "page")} in them ${formatCount(needlessPages)} had not changed since the checkpoint before.`;
  return [
    `${name} writes least of those that came back right: ${formatBytes(bytes)}, ${formatShare(bytes, fullBytes(interval))} of all pages with content.${needless}`,
  ];
}

/** Who stands still least, and who longest. */
function pauseFinding({ strategies }: IntervalResult): readonly string[] {
  const right = strategies.filter((strategy) => isRight(strategy));
  const [shortest, ...others] = leastOf(right, laterPause);
  const longest = others.at(-1);
  if (shortest === undefined || longest === undefined || laterPause(shortest) === 0) return [];
  const ratio = laterPause(longest) / laterPause(shortest);
  if (ratio < 1.05) return [];
  const { faults } = shortest;
  const paid = faults > 0 ? `, and the program pays ${formatNumberOf(faults, "page fault")} for it` : "";
  return [
    `The program stands still least for ${shortest.name}, ${formatDuration(laterPause(shortest))} a checkpoint${paid}; ${ratio.toFixed(1)} times as long for ${longest.name}.`,
  ];
}

/** What the next longer interval would save. */
function intervalFinding({ dirtied, intervals: [{ every }] }: ComparisonResult): readonly string[] {
  const index = dirtied.findIndex(({ interval }) => Math.round(interval) === every);
  if (index < 0 || index + 1 >= dirtied.length) return [];
  const [here, twice] = [dirtied[index], dirtied[index + 1]].map(({ pages, count }) => pages / count);
  const more = twice / here - 1;
  return [
    `Checkpoints twice as far apart would find ${formatShare(more, 1)} more pages dirty (${twice.toFixed(1)} for ${here.toFixed(1)}, ${formatBytes(Math.round(twice * frameBytes))}), and be half as many.`,
  ];
}

function troubleFindings({ strategies, checkpoints }: IntervalResult): readonly string[] {
  const wrong = strategies.filter((strategy) => wrongPages(strategy) > 0);
  const lucky = strategies.filter((strategy) => strategy.claim === "flawed" && isRight(strategy));
  const sentences: string[] = [];
  if (wrong.length > 0) {
    const each = wrong.map((strategy) => `${strategy.name} ${formatNumberOf(wrongPages(strategy), "page")}`);
    sentences.push(`Brought back wrong: ${each.join(", ")}.`);
  }
  if (lucky.length > 0) sentences.push(`Right in this run, and claiming nothing: ${lucky.map(({ name }) => name).join(", ")}.`);
  for (const { name, failures, checkpoints: taken } of strategies) {
    if (failures.first === undefined) continue;
    const how = taken === 0 ? "took none" : `${formatCount(failures.count)} failed`;
    sentences.push(`${name}: ${how} of ${formatNumberOf(checkpoints, "checkpoint")}; ${failures.first}.`);
  }
  return sentences;
}

/** How a pre-copy went. */
export function preCopyFinding({ bandwidth, downtimeLimit, pages, result }: PreCopyOutcome): string {
  if (pages === undefined || result === undefined) return "The trace ends before the first checkpoint, where the copy begins.";
  const { end, rounds, lastPages, downtime } = result;
  const again = rounds.slice(1).reduce((sum, round) => sum + round.pages, lastPages) * frameBytes;
  const all = pages * frameBytes;
  const sent = `${formatBytes(again)} were sent again (${formatShare(again, all)} of the memory)`;
  if (end === "outlived") {
    return `The program ended in round ${rounds.length}, before it could be said whether the copy converges: a higher bandwidth than ${formatBytes(bandwidth)} a second would be done sooner, a longer time for a store (--cost store=...) gives it more time.`;
  }
  const standing = `the program stands still for ${formatDuration(downtime)} (limit ${formatDuration(downtimeLimit)})`;
  return end === "converged"
    ? `The copy converges after ${formatNumberOf(rounds.length, "round")}: ${standing}; ${sent}.`
    : `The copy does not converge: after ${formatNumberOf(rounds.length, "round")} it is stopped, and ${standing}; ${sent}.`;
}

/** Ascending by a figure. */
function leastOf(
  strategies: readonly MeasuredStrategy[],
  of: (strategy: MeasuredStrategy) => number,
): readonly MeasuredStrategy[] {
  return strategies.toSorted((a, b) => of(a) - of(b));
}
