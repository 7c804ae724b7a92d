// The TLB is not seen, nor is anything but the commands.

import { isDeepStrictEqual } from "node:util";
import type { TlbShape } from "@pagelapse/kernel";
import { isFailure, readFile, readdir } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { Chain, everything, tinyMachine, World } from "@pagelapse/trace/testing";
import { expectSameRam } from "./frames.ts";
import { forHistories, strategyOf } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** The same history with TLBs of several shapes, and twice with one. */
export function tlbs(trial: Trial): number {
  const { architecture } = trial;
  const shapes: readonly TlbShape[] = [
    { sets: 2, ways: 2 },
    { sets: 2, ways: 2 },
    { sets: 0, ways: 1 },
    { sets: 1, ways: 1 },
    { sets: 64, ways: 4 },
  ];
  return forHistories(trial, everything, (history) => {
    const [first, ...others] = shapes.map((tlb) => {
      const world = new World(tinyMachine({ architecture, tlb }));
      const chain = new Chain(world.machine, strategyOf(trial));
      for (const step of history) world.take(step, () => void chain.take());
      return world.machine;
    });
    for (const other of others) {
      expectSameRam(first.memory, other.memory);
      if (!isDeepStrictEqual(first.state, other.state)) throw new Error("another TLB, another state");
      if (!isDeepStrictEqual(filesOf(first.tracked.store), filesOf(other.tracked.store)))
        throw new Error("another TLB, other files");
    }
  });
}

/** Every file of a store by its name. */
function filesOf(store: Vfs): ReadonlyMap<string, unknown> {
  const entries = readdir(store, ".");
  if (isFailure(entries)) throw new Error(entries.errno);
  return new Map(entries.map(({ name }) => [name, readFile(store, name)]));
}
