// What a replay found, in plain sentences: one a finding.

import { protFlags } from "@pagelapse/vma";
import { formatRange, formatRights } from "../area-text.ts";
import { formatAddress, formatCount, formatNumberOf } from "../quantity.ts";
import { isRight, wrongPages } from "./result.ts";
import type { ReplayResult, StrategyResult } from "./result.ts";

/** Sentences without line breaks, the verdict on the whole last. */
export function findings(result: ReplayResult): readonly string[] {
  return [
    ...rightFinding(result.strategies),
    ...result.strategies.flatMap(strategyFindings),
    ...finalFindings(result),
    ...layoutFindings(result),
    verdict(result),
  ];
}

/** Strategies whose every checkpoint came back right took as many as each other: those that failed are not among them. */
function rightFinding(strategies: readonly StrategyResult[]): readonly string[] {
  const right = strategies.filter((strategy) => strategy.checkpoints > 0 && isRight(strategy));
  if (right.length === 0) return [];
  const [{ checkpoints }] = right;
  const each = checkpoints === 1 ? "its one checkpoint" : `each of ${formatNumberOf(checkpoints, "checkpoint")}`;
  return [`${names(right)}: memory came back right at ${each}, the last one also from the whole chain in a fresh machine.`];
}

function strategyFindings(strategy: StrategyResult): readonly string[] {
  const { name, later, failures, flaws } = strategy;
  const sentences: string[] = [];
  if (name === "report-incremental" && later.present > 0 && later.saved === later.present) {
    sentences.push(
      `saved every present page every time (${formatCount(later.saved)} of ${formatCount(later.present)} after the first checkpoint): it asks for pte_present or pte_dirty where only pte_dirty tells`,
    );
  }
  if (strategy.firstWrong !== undefined) sentences.push(wrongFinding(strategy, strategy.firstWrong));
  if (strategy.chain !== undefined && strategy.chain.wrong > 0) {
    sentences.push(
      `the last checkpoint restored from its whole chain has ${formatNumberOf(strategy.chain.wrong, "other page")} than the memory carried along`,
    );
  }
  if (failures.first !== undefined) {
    sentences.push(`${formatNumberOf(failures.count, "checkpoint")} failed, beginning with ${failures.first}`);
  }
  if (flaws.first !== undefined) {
    sentences.push(`its files have ${formatNumberOf(flaws.count, "flaw")}; the first: ${flaws.first}`);
  }
  return sentences.map((sentence) => `${name}: ${sentence}.`);
}

function wrongFinding(strategy: StrategyResult, first: NonNullable<StrategyResult["firstWrong"]>): string {
  const meaning = { lost: "lost", stale: "stale", resurrected: "there though nothing is mapped" }[first.kind];
  const place = first.offset === undefined ? "" : ` from its byte ${first.offset} on`;
  return `${formatNumberOf(wrongPages(strategy), "page")} came back wrong; the first is ${formatAddress(first.vaddr)} at checkpoint ${first.checkpoint}, ${meaning}${place}`;
}

function finalFindings(result: ReplayResult): readonly string[] {
  const [{ final }] = result.strategies;
  const wrong = result.strategies.filter((strategy) => strategy.final.wrongBytes > 0);
  const sentences: string[] = [];
  if (wrong.length > 0) {
    const machines = wrong.map(
      (strategy) => `${formatNumberOf(strategy.final.wrongBytes, "wrong byte")} in the machine of ${strategy.name}`,
    );
    const first = wrong[0].final.firstWrong;
    const place =
      first === undefined
        ? ""
        : `; the first is ${formatAddress(first.vaddr)}, expected ${formatAddress(first.expected)}, found ${formatAddress(first.found)}`;
    sentences.push(`FINAL disagrees: ${machines.join(", ")}${place}.`);
  } else if (final.pages > 0) {
    const where = result.strategies.length === 1 ? "in the machine" : "in every machine";
    sentences.push(`FINAL agrees ${where}: ${formatNumberOf(final.pages, "page")} of the real program, 0 wrong bytes.`);
  } else {
    sentences.push("The trace ends without contents to compare the last memory with.");
  }
  if (final.unknownBytes > 0) {
    sentences.push(`FINAL has ${formatNumberOf(final.unknownBytes, "byte")} that no trace gave before: they were passed over.`);
  }
  if (final.missingPages > 0) {
    sentences.push(
      `${formatNumberOf(final.missingPages, "page")} mapped at FINAL ${final.missingPages === 1 ? "is" : "are"} not in the machine: nothing in the trace made it.`,
    );
  }
  if (final.extraPages > 0)
    sentences.push(
      `${formatNumberOf(final.extraPages, "page")} of the machine ${final.extraPages === 1 ? "is" : "are"} not mapped at FINAL.`,
    );
  return sentences;
}

/** Lackey text: where the areas came from, and the layout at exit. */
function layoutFindings({ format, layout }: ReplayResult): readonly string[] {
  if (format !== "lackey-text") return [];
  const values = "Lackey text gives no values: stored bytes are derived from their place in the trace";
  if (layout === undefined) return [`${values}, and areas are inferred from first touches (--maps gives the real ones).`];
  const untouched =
    layout.untouchedStackPages === 0
      ? ""
      : `, but for ${formatNumberOf(layout.untouchedStackPages, "stack page")} that nobody touched`;
  const [first] = layout.differences;
  const compared =
    first === undefined
      ? `The layout at exit agrees with Valgrind's: ${formatNumberOf(layout.pages, "page")}${untouched}.`
      : `The layout at exit differs from Valgrind's in ${formatNumberOf(layout.differences.length, "range")}; the first is ${formatRange(first.start, first.end)}, expected ${protection(first.expected)}, found ${protection(first.found)}.`;
  return [`${values}.`, compared];
}

/** PROT_* of a page, if it is mapped. */
function protection(prot: number | undefined): string {
  return prot === undefined ? "nothing mapped" : formatRights(protFlags(prot)).slice(0, 3);
}

function verdict(result: ReplayResult): string {
  const claimants = result.strategies.filter(({ claim }) => claim === "correct");
  if (claimants.length === 0) return "No strategy here claims to be correct.";
  if (claimants.every(({ checkpoints, failures }) => checkpoints + failures.count === 0)) {
    return `No checkpoint was taken: the trace has only ${formatNumberOf(result.stores, "store")}.`;
  }
  const broken = claimants.filter((strategy) => !isRight(strategy));
  if (broken.length === 0) return `Held: ${names(claimants)} claims to be correct, and was.`;
  return `Not held: ${names(broken)} claims to be correct, and was not.`;
}

function names(strategies: readonly StrategyResult[]): string {
  return strategies.map(({ name }) => name).join(", ");
}
