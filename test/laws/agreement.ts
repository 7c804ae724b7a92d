// Machine, model and facts agree, and the machine with itself.

import { isDeepStrictEqual } from "node:util";
import { EventLog } from "@pagelapse/events";
import { Fold } from "@pagelapse/kernel";
import type { Machine } from "@pagelapse/kernel";
import { canMerge } from "@pagelapse/vma";
import { Chain, everything, tinyFrames, tinyMachine, World } from "@pagelapse/trace/testing";
import { checkInvariants } from "../../packages/kernel/test/invariants.ts";
import { expectSameRam } from "./frames.ts";
import { forHistories, strategyOf } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** After every step, checkpoints among them. */
export function agreement(trial: Trial): number {
  const { architecture } = trial;
  return forHistories(trial, everything, (history) => {
    const log = new EventLog(32, 4096);
    const fold = new Fold(architecture, tinyFrames);
    log.listen((batch) => fold.add(batch));
    const world = new World(tinyMachine({ architecture, log }));
    const chain = new Chain(world.machine, strategyOf(trial));
    for (const step of history) {
      world.take(step, () => void chain.take());
      checkInvariants(world.machine);
      expectMerged(world.machine);
      expectSameRam(fold.ram, world.machine.memory);
    }
    if (!isDeepStrictEqual(fold.state, world.machine.state)) throw new Error("the state is not what the facts make it");
  });
}

/** No two neighbours could be one. */
function expectMerged({ space }: Machine): void {
  space.areas.forEach((area, index) => {
    const next = space.areas[index + 1];
    if (next !== undefined && canMerge(area, next)) throw new Error(`the areas at ${area.start} and ${next.start} could be one`);
  });
}
