// What the files of the lab report can be trusted with.

import type { Architecture } from "@pagelapse/mmu";
import { alone, Chain, expectImage, tinyMachine, World } from "@pagelapse/trace/testing";
import type { Ingredients, Rule, Step } from "@pagelapse/trace/testing";
import { forHistories, strategyOf } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** Where the report's basic checkpoint can save every page: none that only others may use, none that only the cache holds. */
export const readable: Ingredients = {
  ...alone,
  prots: [3, 3, 3, 1, 7, 2],
  origins: ["anonymous", "anonymous", "file"],
};

/** Where nothing goes away either. */
const growing: Ingredients = { ...readable, steps: ["map", "protect", "store", "kernel-store", "load", "checkpoint"] };

export function reportBasic(trial: Trial): number {
  return reportFiles(trial, readable, "report-basic", "anything");
}

export function reportIncrements(trial: Trial): number {
  return reportFiles(trial, growing, "report-incremental", "takes nothing away");
}

function reportFiles(trial: Trial, of: Ingredients, name: string, rule: Rule): number {
  return forHistories(trial, of, (history) => void replayWith(trial.architecture, name, rule, history));
}

/** Throws unless the files of that strategy bring memory back at every checkpoint of a history; returns how many steps it had. */
export function replayWith(architecture: Architecture, name: string, rule: Rule, history: readonly Step[]): number {
  const world = new World(tinyMachine({ architecture }), undefined, rule);
  const chain = new Chain(world.machine, strategyOf({ strategy: name }));
  for (const step of history) world.take(step, () => expectImage(chain.commit(), world.model));
  return history.length;
}
