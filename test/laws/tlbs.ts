// The TLB is not seen, nor is anything but the commands.

import { isDeepStrictEqual } from "node:util";
import type { Machine, TlbShape } from "@pagelapse/kernel";
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
      if (!isDeepStrictEqual(stateOf(first), stateOf(other))) throw new Error("another TLB, another state");
      if (!isDeepStrictEqual(filesOf(first.tracked.store), filesOf(other.tracked.store)))
        throw new Error("another TLB, other files");
    }
  });
}

/** The state but for the sizes of images: a manifest says how many events came before, and a TLB makes some. */
function stateOf({ state }: Machine): unknown {
  return { ...state, checkpoints: state.checkpoints.map((checkpoint) => ({ ...checkpoint, byteCount: 0 })) };
}

/** Every file of a store, or of a directory in it, by its path, but for manifests. */
function filesOf(store: Vfs, directory = "."): ReadonlyMap<string, unknown> {
  const entries = readdir(store, directory);
  if (isFailure(entries)) throw new Error(entries.errno);
  return new Map(
    entries.flatMap(({ kind, name }): readonly (readonly [string, unknown])[] => {
      const path = `${directory}/${name}`;
      if (kind === "directory") return [...filesOf(store, path)];
      return name === "manifest.json" ? [] : [[path, readFile(store, path)]];
    }),
  );
}
