// A scenario played: on a machine without checkpoints, which is the truth, and on one for each strategy.

import { strategies } from "@pagelapse/checkpoint";
import type { Strategy } from "@pagelapse/checkpoint";
import { Machine, OutOfFrames } from "@pagelapse/kernel";
import type { MachineOptions, Result } from "@pagelapse/kernel";
import { BadScenario } from "./bad-scenario.ts";
import { checkClaim } from "./check-claim.ts";
import { commandOf, nameWhatCame } from "./command-of.ts";
import { machineOptions, nothingSaid, startBrk } from "./machine-word.ts";
import { PlaceNames } from "./place-names.ts";
import { printStatement } from "./print-scenario.ts";
import type { Scenario, Statement } from "./scenario.ts";
import { outcomeOf } from "./scenario-outcome.ts";
import type { ScenarioOutcome } from "./scenario-outcome.ts";
import { ScenarioTrial } from "./scenario-trial.ts";

/** How a scenario is played. */
export interface ScenarioOptions {
  /** Each has a machine of its own. */
  readonly strategies: readonly Strategy[];
  /** What the machines of a strategy have beside or instead of what the scenario says: a store on disk, another TLB. */
  readonly machine?: (strategy: Strategy | undefined) => MachineOptions;
  /** Is told of each statement before it is played. */
  readonly hear?: (statement: Statement) => void;
}

/**
 * Plays a scenario, and says for each strategy what was expected and what came of it. Every line must come out as it says on a
 * machine that takes no checkpoints. Throws `BadScenario` where one does not, and where one asks for what cannot be.
 */
export function runScenario(scenario: Scenario, options: ScenarioOptions): readonly ScenarioOutcome[] {
  const { trials, statements, names } = playScenario(scenario, options);
  return trials.map((trial) => outcomeOf(trial, statements, names));
}

/** What a scenario came to: each strategy's own, and the names that it gave. */
export interface PlayedScenario {
  readonly trials: readonly ScenarioTrial[];
  readonly statements: readonly Statement[];
  readonly names: PlaceNames;
}

/** As `runScenario`, before anything is compared with what was expected. */
export function playScenario(scenario: Scenario, options: ScenarioOptions): PlayedScenario {
  const statements = scenario.lines.flatMap(({ statement }) => (statement === undefined ? [] : [statement]));
  const first = statements.find((statement) => statement.verb === "machine");
  const setup = machineOptions(first?.setup ?? nothingSaid);
  const optionsFor = (strategy: Strategy | undefined): MachineOptions => ({ ...setup, ...options.machine?.(strategy) });
  checkNames(statements, options.strategies);
  const truth = new Machine(optionsFor(undefined));
  const trials = options.strategies.map((strategy) => new ScenarioTrial(strategy, optionsFor(strategy)));
  const names = new PlaceNames();
  statements.forEach((statement, index) => {
    options.hear?.(statement);
    try {
      play(statement, truth, trials, names);
      for (const trial of trials) trial.endLine(truth);
    } catch (reason) {
      throw brokenMachine(reason, statement, statements.slice(0, index + 1)) ?? reason;
    }
  });
  for (const trial of trials) trial.end();
  return { trials, statements, names };
}

/** The machine could not go on, by fault of the scenario; `undefined`: by another's. */
function brokenMachine(reason: unknown, statement: Statement, history: readonly Statement[]): BadScenario | undefined {
  if (reason instanceof BadScenario || !(reason instanceof Error)) return undefined;
  if (reason instanceof OutOfFrames) return new BadScenario(statement.place, "a free frame", `all ${reason.frameCount} in use`);
  // A TLB that was not told leads to a frame that may be a page table by now.
  if (!history.some(({ flush }) => flush === "omitted")) return undefined;
  return new BadScenario(statement.place, "page tables that nobody stored to after a noflush", reason.message);
}

function play(statement: Statement, truth: Machine, trials: readonly ScenarioTrial[], names: PlaceNames): void {
  const processor = statement.processor ?? 0;
  if (processor >= truth.state.running.length)
    throw new BadScenario(statement.place, `a processor below ${truth.state.running.length}`, `${processor}:`);
  const task = truth.state.running[processor];
  const { brk } = truth.state.tasks[task];
  const command = commandOf(statement, names, brk);
  if (command !== undefined) {
    const result = truth.execute(command);
    checkResult(statement, command.kind === "move-break" ? breakResult(result, command.address) : result);
    for (const trial of trials) trial.execute(command);
    if (statement.failure === undefined) nameWhatCame(statement, names, { start: startBrk, now: truth.state.tasks[task].brk });
  } else if (statement.verb === "assert") {
    checkClaim(statement, truth, task, names);
  } else if (statement.verb === "fault") {
    for (const trial of trials) trial.fault(statement);
  } else if (statement.verb === "checkpoint") {
    for (const trial of trials) trial.take(statement);
  } else if (statement.verb === "collect") {
    for (const trial of trials) trial.begin(statement);
  } else if (statement.verb === "clear" || statement.verb === "copy" || statement.verb === "commit") {
    for (const trial of trials) trial.step(statement);
  }
}

/** brk(2) has no errno: it answers with the break, which stays where it was. */
function breakResult(result: Result, wanted: number): Result {
  return result.kind === "done" && result.value !== wanted ? { kind: "failed", errno: "ENOMEM" } : result;
}

function checkResult(statement: Statement, result: Result): void {
  const wanted = statement.failure ?? "success";
  const found = result.kind === "done" ? "success" : result.kind === "failed" ? result.errno : result.fault.signal;
  if (found === wanted) return;
  const what = printStatement({ ...statement, failure: undefined });
  throw new BadScenario(statement.place, wanted === "success" ? `${what} to succeed` : `${what} to fail with ${wanted}`, found);
}

/** Throws `BadScenario` where two checkpoints share a name, and where an expectation speaks of what there is not. */
function checkNames(statements: readonly Statement[], played: readonly Strategy[]): void {
  const known = new Set([...strategies, ...played].map(({ name }) => name));
  const taken = new Set<string>();
  for (const statement of statements) {
    if (statement.verb !== "checkpoint" && statement.verb !== "collect") continue;
    const { text, place } = statement.name;
    if (taken.has(text)) throw new BadScenario(place, "a name that no checkpoint before has", text);
    taken.add(text);
  }
  for (const statement of statements) {
    if (statement.verb !== "expect") continue;
    const { strategy, outcome } = statement;
    if (!known.has(strategy.text)) throw new BadScenario(strategy.place, `a strategy (${[...known].join(", ")})`, strategy.text);
    if ("checkpoint" in outcome && !taken.has(outcome.checkpoint.text))
      throw new BadScenario(outcome.checkpoint.place, "a checkpoint of this scenario", outcome.checkpoint.text);
  }
}
