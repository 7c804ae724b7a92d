// A machine that resumes an image goes on.

import { isDeepStrictEqual } from "node:util";
import type { Machine } from "@pagelapse/kernel";
import type { Area } from "@pagelapse/vma";
import { Chain, expectTree, Model, tinyMachine, World } from "@pagelapse/trace/testing";
import { checkInvariants } from "../../packages/kernel/test/invariants.ts";
import { forHistories, ingredientsFor, strategyOf } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** Every second image is resumed, and the history goes on in the new machine. */
export function resuming(trial: Trial): number {
  const { architecture } = trial;
  const strategy = strategyOf(trial);
  return forHistories(trial, ingredientsFor(strategy.name), (history) => {
    let world = new World(tinyMachine({ architecture }));
    let chain = new Chain(world.machine, strategy);
    let count = 0;
    for (const step of history) {
      let next: Machine | undefined;
      let areas: readonly Area[] = [];
      world.take(step, () => {
        chain.commit();
        expectTree(chain.tree, world.model);
        count++;
        ({ areas } = world.machine.space);
        if (count % 2 === 0) next = tinyMachine({ architecture, resume: chain.tree });
      });
      if (next === undefined) continue;
      world = new World(next, new Model(world.watched, world.model));
      world.compare();
      checkInvariants(next);
      if (!isDeepStrictEqual(next.space.areas.map(untied), areas.map(untied))) throw new Error("the areas are others");
      chain = new Chain(next, strategy);
      chain.commit();
      expectTree(chain.tree, world.model);
    }
  });
}

/** An area but for its `anon_vma`: a page that came by the page cache is the process's own in what is restored. */
function untied(area: Area): Area {
  return { ...area, anonVma: undefined };
}
