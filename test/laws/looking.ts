// A look changes nothing.

import { compareMemory, restore } from "@pagelapse/checkpoint";
import { Chain, everything, tinyFrames, tinyMachine, World } from "@pagelapse/trace/testing";
import { ramOf } from "./frames.ts";
import { forHistories, strategyOf } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** Neither a byte nor the state, and nothing happens. */
export function looking(trial: Trial): number {
  const { architecture } = trial;
  return forHistories(trial, everything, (history) => {
    const world = new World(tinyMachine({ architecture }));
    const { machine } = world;
    const chain = new Chain(machine, strategyOf(trial));
    for (const step of history) {
      world.take(step, () => {
        const image = chain.commit();
        const [moment, state, ram] = [machine.log.moment, machine.state, ramOf(machine.memory)];
        world.compare();
        compareMemory(machine, image);
        restore(image, { architecture, frameCount: tinyFrames, files: machine.files });
        if (machine.log.moment !== moment || machine.state !== state || Buffer.compare(ramOf(machine.memory), ram) !== 0) {
          throw new Error("a look has changed the machine");
        }
      });
    }
  });
}
