// Every image of a chain is right, not only the last.

import { compareMemory, compareProcesses, restore } from "@pagelapse/checkpoint";
import type { TreeMemory } from "@pagelapse/checkpoint";
import type { Machine } from "@pagelapse/kernel";
import { Chain, expectTree, processOf, tinyMachine, World } from "@pagelapse/trace/testing";
import { forHistories, ingredientsFor, strategyOf } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** Judged by the model, and by the package itself. */
export function chains(trial: Trial): number {
  const { architecture, met } = trial;
  const strategy = strategyOf(trial);
  return forHistories(trial, ingredientsFor(strategy.name), (history) => {
    const world = new World(tinyMachine({ architecture }));
    const chain = new Chain(world.machine, strategy);
    const check = (): void => {
      chain.commit();
      expectTree(chain.tree, world.model);
      expectNothingWrong(world.machine, chain.tree);
    };
    let length = 0;
    for (const step of history) {
      world.take(step, () => {
        check();
        length++;
        const saved = chain.last?.kind === "committed" ? chain.last.pagesSaved : 0;
        if (length > 2 && saved > 0) world.met.add("saved pages in the third image of a chain");
        if (chain.last?.kind === "committed" && saved < chain.last.presentPages) world.met.add("left pages to the parent");
      });
    }
    for (const state of world.met) met?.set(state, (met.get(state) ?? 0) + 1);
    world.watch(() => {
      check();
      chain.commit();
      // What others may store to meanwhile is saved every time.
      const { model } = world;
      const isAlone = model.pids.length === model.treeOf(model.pid).length && model.pins.size === 0;
      if (chain.last?.kind !== "committed" || (isAlone && chain.last.pagesSaved > 0))
        throw new Error("an increment of nothing holds pages");
      const full = new Chain(world.machine, strategy);
      full.commit();
      expectTree(full.tree, world.model);
      expectNothingWrong(world.machine, full.tree);
    });
  });
}

/** The package's own judgement, and its restored process, agree that nothing is wrong. */
function expectNothingWrong(machine: Machine, { processes }: TreeMemory): void {
  const { architecture, files, memory } = machine;
  for (const process of processes) {
    const view = processOf(machine, process.pid ?? 0);
    const restored = restore(process, { architecture, frameCount: memory.frameCount, files });
    for (const { lost, stale, resurrected, first } of [compareMemory(view, process), compareProcesses(view, restored)]) {
      if (lost + stale + resurrected > 0) throw new Error(`page ${first?.vaddr} is ${first?.kind}`);
    }
  }
}
