// The hunt: random histories until a strategy fails one, and that one made a scenario as short as can be.

import { strategyNamed } from "@pagelapse/checkpoint";
import type { Strategy } from "@pagelapse/checkpoint";
import { x86_64 } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import fc from "fast-check";
import { nothingSaid } from "../../scenario/machine-word.ts";
import { parseScenario } from "../../scenario/parse-scenario.ts";
import { printScenario } from "../../scenario/print-scenario.ts";
import { runScenario } from "../../scenario/run-scenario.ts";
import type { Scenario, Statement } from "../../scenario/scenario.ts";
import { explain, sentencesOf, withExplanation } from "./explain.ts";
import { BrokenCheckpoint, InconstantStrategy, failureKinds } from "./failure.ts";
import type { FailureKind } from "./failure.ts";
import { histories } from "../history.ts";
import { playHistory } from "./play-history.ts";
import { Remembering } from "./remembering.ts";
import { failureIn, scenarioOf } from "./scenario-failure.ts";
import { ScenarioWriter } from "./scenario-writer.ts";
import { shorten } from "./shorten.ts";
import { whole } from "../step.ts";
import type { Ingredients, Step } from "../step.ts";
import { WrongMemory } from "../wrong-memory.ts";

/** How long and where a strategy is hunted; what is left out is as said. */
export interface HuntOptions {
  /** Histories at most: 1000. */
  readonly runs?: number;
  /** The same seed gives the same histories: 1. */
  readonly seed?: number;
  /** x86-64. */
  readonly architecture?: Architecture;
  /** What histories are made of: `whole`. Throws `RangeError` for `large`: the machine of a hunt is smaller than a large page. */
  readonly ingredients?: Ingredients;
}

/** No history was failed. */
export interface Held {
  readonly kind: "holds";
  /** Histories played. */
  readonly runs: number;
  readonly seed: number;
  readonly steps: number;
  /** Checkpoints begun, and those of them that were not taken because the store failed. */
  readonly checkpoints: number;
  readonly failedCheckpoints: number;
  readonly pagesSaved: number;
  /** How many histories met each state in which things go wrong. */
  readonly met: ReadonlyMap<string, number>;
}

/** A history that the strategy failed. */
export interface Counterexample {
  readonly kind: "counterexample";
  /** The number of the history, from 1 on. */
  readonly runs: number;
  readonly seed: number;
  /** What is wrong, in the words of an `expect` line (`loses A.0 at K1`), or in those of the error that the strategy threw. */
  readonly lost: string;
  readonly failure: FailureKind;
  /** The shrunk history, and the scenario that it became: every statement and every pair of them is needed. */
  readonly history: readonly Step[];
  readonly scenario: Scenario;
  /** Which page, which write, and why: a headline, and a line for each statement that matters. */
  readonly explanation: readonly string[];
}

/** What a hunt is doing. */
export interface HuntProgress {
  readonly doing: "playing" | "shrinking" | "shortening";
  /** Histories so far, or attempts to make the one that failed shorter. */
  readonly count: number;
}

/** Histories that are generated together: fast-check makes the first of them the simplest. */
const sliceLength = 20;

/**
 * Hunts step by step: yields now and then, so that a caller can stop, or show how far it is. Throws `InconstantStrategy` for one that
 * does not do the same each time.
 */
export function* hunt(strategy: Strategy, options: HuntOptions = {}): Generator<HuntProgress, Held | Counterexample> {
  const { runs: limit = 1000, seed = 1, architecture = x86_64, ingredients = whole } = options;
  if (ingredients.steps.includes("map-large")) throw new RangeError("the machine of a hunt has no room for large pages");
  const all = new Remembering(histories(ingredients));
  const held = { steps: 0, checkpoints: 0, failedCheckpoints: 0, pagesSaved: 0 };
  const met = new Map<string, number>();
  const property = fc.property(all, (history) => {
    const played = playHistory(strategy, architecture, history);
    held.steps += history.length;
    held.checkpoints += played.checkpoints;
    held.failedCheckpoints += played.failed;
    held.pagesSaved += played.pagesSaved;
    for (const state of played.met) met.set(state, (met.get(state) ?? 0) + 1);
  });
  for (let runs = 0; runs < limit; runs += sliceLength) {
    yield { doing: "playing", count: runs };
    const numRuns = Math.min(sliceLength, limit - runs);
    const checked = fc.check(property, { numRuns, seed: seedOf(seed, runs), endOnFailure: true });
    if (checked.interrupted) throw new Error("fast-check was interrupted: its global configuration has a time limit");
    if (!checked.failed) continue;
    const found = yield* shrink(all, strategy, architecture);
    return { kind: "counterexample", runs: runs + checked.numRuns, seed, ...found };
  }
  return { kind: "holds", runs: limit, seed, ...held, met };
}

/** Another seed for each slice, none of which another seed's slices have. */
function seedOf(seed: number, runs: number): number {
  return (Math.imul(seed, 0x9e37_79b1) + runs) | 0;
}

type Found = Omit<Counterexample, "kind" | "runs" | "seed">;

/** Makes the failing history as short as fast-check can, and then its scenario as short as we can. */
function* shrink(all: Remembering<Step[]>, strategy: Strategy, architecture: Architecture): Generator<HuntProgress, Found> {
  const first = failureOf(strategy, architecture, all.last.value);
  let best = all.last;
  let count = 0;
  search: for (;;) {
    for (const candidate of all.shrink(best.value, best.context)) {
      yield { doing: "shrinking", count: count++ };
      if (failureOf(strategy, architecture, candidate.value) !== first) continue;
      best = candidate;
      continue search;
    }
    break;
  }
  const history = best.value;
  const whole = writtenDown(strategy, architecture, history);
  // A history in which the machine breaks may be one in which a scenario sees the program's memory go.
  const kinds = first === undefined ? [] : [first, ...failureKinds];
  const kind = kinds.find((each) => failureIn(whole, strategy, each) !== undefined);
  if (kind === undefined) throw new InconstantStrategy(strategy.name);
  const statements = whole.lines.flatMap(({ statement }) => (statement === undefined ? [] : [statement]));
  const shows = (some: readonly Statement[]): boolean =>
    architectureOf(some) === architecture.name && failureIn(scenarioOf(some), strategy, kind) !== undefined;
  const attempts = shorten(statements, shows);
  let next = attempts.next();
  for (count = 0; next.done !== true; next = attempts.next()) yield { doing: "shortening", count: count++ };
  return { history, ...counterexample(next.value, strategy, kind) };
}

/** A scenario that names no machine is of x86-64. */
function architectureOf([first]: readonly Statement[]): string {
  return first?.verb === "machine" ? first.setup.architecture : nothingSaid.architecture;
}

/** What is lost in a scenario, and why; the scenario says so itself, and expects it. */
function counterexample(statements: readonly Statement[], strategy: Strategy, kind: FailureKind): Omit<Found, "history"> {
  const bare = scenarioOf(statements);
  const failure = failureIn(bare, strategy, kind);
  if (failure === undefined) throw new Error("a counterexample that shows nothing");
  const explanation = explain(bare, strategy, failure);
  return {
    lost: failure.words,
    failure: kind,
    scenario: withExpectations(withExplanation(bare, explanation), strategy),
    explanation: sentencesOf(bare, explanation),
  };
}

/** With a line for all that goes wrong: for a strategy that everybody knows, and where every page has a name. */
function withExpectations(scenario: Scenario, { name, claim }: Strategy): Scenario {
  const strategy = strategyNamed(name);
  if (strategy === undefined || claim !== strategy.claim) return scenario;
  const [{ found }] = runScenario(scenario, { strategies: [strategy] });
  if (found.some((words) => words.includes("0x"))) return scenario;
  return parseScenario(`${printScenario(scenario)}\n${found.map((words) => `expect ${name} ${words}\n`).join("")}`);
}

/** How the strategy fails a history; `undefined` when it does not. */
function failureOf(strategy: Strategy, architecture: Architecture, history: readonly Step[]): FailureKind | undefined {
  try {
    playHistory(strategy, architecture, history);
    return undefined;
  } catch (reason) {
    if (reason instanceof BrokenCheckpoint) return reason.kind;
    if (!(reason instanceof WrongMemory)) throw reason;
    if (reason.kind === "corrupted") return "corrupts";
    return reason.kind === "resurrected" ? "resurrects" : "loses";
  }
}

/** What a history asked of its machine, up to where the strategy failed it. */
function writtenDown(strategy: Strategy, architecture: Architecture, history: readonly Step[]): Scenario {
  const writer = new ScenarioWriter(architecture);
  try {
    playHistory(strategy, architecture, history, {
      command: (command, result) => writer.command(command, result),
      checkpoint: (faults) => writer.checkpoint(faults),
    });
  } catch (reason) {
    if (!(reason instanceof BrokenCheckpoint || reason instanceof WrongMemory)) throw reason;
  }
  return writer.scenario;
}
