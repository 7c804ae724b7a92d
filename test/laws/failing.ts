// A checkpoint that fails loses nothing.

import { MemoryFileSystem } from "@pagelapse/vfs";
import type { Failure, Handle } from "@pagelapse/vfs";
import { Chain, expectImage, tinyMachine, World } from "@pagelapse/trace/testing";
import { forHistories, ingredientsFor, strategyOf } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** Every other checkpoint meets a disk that does not write. */
export function failing(trial: Trial): number {
  const { architecture } = trial;
  const strategy = strategyOf(trial);
  return forHistories(trial, ingredientsFor(strategy.name), (history) => {
    const disk = new BrokenDisk();
    const world = new World(tinyMachine({ architecture, store: disk }));
    const chain = new Chain(world.machine, strategy);
    for (const step of history) {
      world.take(step, () => {
        disk.isBroken = !disk.isBroken;
        const image = chain.take();
        if ((image === undefined) !== disk.isBroken) throw new Error(`a checkpoint ${chain.last?.kind}`);
        if (image !== undefined) expectImage(image, world.model);
      });
    }
  });
}

/** A disk that refuses every write while it is broken. */
class BrokenDisk extends MemoryFileSystem {
  isBroken = false;

  override write(handle: Handle, position: number, bytes: Uint8Array): number | Failure {
    return this.isBroken ? { errno: "EIO" } : super.write(handle, position, bytes);
  }
}
