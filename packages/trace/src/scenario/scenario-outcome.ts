// What was expected of a strategy in a scenario, and what came of it.

import { frameBytes } from "@pagelapse/mmu";
import { faultyCheckpoints } from "./faulty-checkpoints.ts";
import type { PlaceNames } from "./place-names.ts";
import type { ExpectedOutcome, Range, Statement } from "./scenario.ts";
import { keyOf } from "./scenario-trial.ts";
import type { Finding, ScenarioTrial } from "./scenario-trial.ts";

/** A strategy's end. */
export interface ScenarioOutcome {
  readonly strategy: string;
  readonly claim: "correct" | "flawed";
  /**
   * In the words of `expect` lines, page by page: `holds` alone, or what goes wrong. `undefined`: nothing is expected. A strategy
   * that claims to be correct is expected to hold unless the scenario says otherwise; a checkpoint may fail with its store.
   */
  readonly expected: readonly string[] | undefined;
  readonly found: readonly string[];
  readonly verdict: "met" | "not met" | "nothing expected";
  readonly checkpoints: number;
  readonly pagesSaved: number;
  readonly bytes: number;
}

/** Compares what the scenario expects of a strategy with what was found. */
export function outcomeOf(trial: ScenarioTrial, statements: readonly Statement[], names: PlaceNames): ScenarioOutcome {
  const { name, claim } = trial.strategy;
  const lines = statements.flatMap((each) => (each.verb === "expect" && each.strategy.text === name ? [each.outcome] : []));
  const isExpected = lines.length > 0 || claim === "correct";
  const faulty = faultyCheckpoints(statements);
  const isExcused = (finding: Finding): boolean => finding.kind === "fails" && faulty.has(finding.checkpoint);
  const findings =
    lines.length > 0 ? lines.flatMap((line) => findingsOf(line, names)) : [...trial.findings.values()].filter(isExcused);
  const wanted = new Map(findings.map((finding) => [keyOf(finding), finding]));
  const saves = lines.flatMap((line) =>
    line.kind === "saves" ? [{ name: line.checkpoint.text, pageCount: line.pageCount }] : [],
  );
  const isMet =
    wanted.size === trial.findings.size &&
    [...wanted.keys()].every((key) => trial.findings.has(key)) &&
    saves.every((each) => trial.saved.get(each.name) === each.pageCount);
  return {
    strategy: name,
    claim,
    expected: isExpected ? [...tell([...wanted.values()], names), ...saves.map(tellSaved)] : undefined,
    found: [
      ...tell([...trial.findings.values()], names),
      ...saves.map(({ name }) => tellSaved({ name, pageCount: trial.saved.get(name) ?? 0 })),
    ],
    verdict: !isExpected ? "nothing expected" : isMet ? "met" : "not met",
    ...trial.totals,
  };
}

function findingsOf(outcome: ExpectedOutcome, names: PlaceNames): readonly Finding[] {
  switch (outcome.kind) {
    case "holds":
    case "saves":
      return [];
    case "fails":
      return [{ kind: "fails", checkpoint: outcome.checkpoint.text }];
    case "corrupts":
      return pagesOf(outcome.range, names).map((vaddr) => ({ kind: "corrupts", vaddr }));
    case "loses":
    case "resurrects":
      return pagesOf(outcome.range, names).map((vaddr) => ({ kind: outcome.kind, vaddr, checkpoint: outcome.checkpoint.text }));
  }
}

function pagesOf(range: Range, names: PlaceNames): readonly number[] {
  const { start, byteCount } = names.rangeOf(range);
  return Array.from({ length: byteCount / frameBytes }, (_, page) => start + page * frameBytes);
}

function tellSaved({ name, pageCount }: { readonly name: string; readonly pageCount: number }): string {
  return `saves ${pageCount} at ${name}`;
}

function tell(findings: readonly Finding[], names: PlaceNames): readonly string[] {
  if (findings.length === 0) return ["holds"];
  return findings.map((finding) => {
    const page = "vaddr" in finding ? ` ${names.nameOf(finding.vaddr)}` : "";
    return `${finding.kind}${page}${"checkpoint" in finding ? ` at ${finding.checkpoint}` : ""}`;
  });
}
