// Large pages are not seen.

import { EventLog } from "@pagelapse/events";
import { Fold } from "@pagelapse/kernel";
import { Chain, expectImage, large, tinyMachine, World } from "@pagelapse/trace/testing";
import { checkInvariants } from "../../packages/kernel/test/invariants.ts";
import { expectSameRam } from "./frames.ts";
import { forHistories, strategyOf } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** RAM in which two large pages of i386 have room. */
const frameCount = 3072;
const swapFrames = 4;

/** Model, images and invariants after every step; the facts in the end. */
export function largePages(trial: Trial): number {
  const { architecture, met } = trial;
  return forHistories(trial, large, (history) => {
    const log = new EventLog(64, 4096);
    const fold = new Fold(architecture, frameCount + swapFrames);
    log.listen((batch) => fold.add(batch));
    const world = new World(tinyMachine({ architecture, frameCount, swapFrames, log }));
    const chain = new Chain(world.machine, strategyOf(trial));
    for (const step of history) {
      world.take(step, () => expectImage(chain.commit(), world.model));
      checkInvariants(world.machine);
    }
    expectSameRam(fold.ram, world.machine.memory);
    for (const state of world.met) met?.set(state, (met.get(state) ?? 0) + 1);
  });
}
