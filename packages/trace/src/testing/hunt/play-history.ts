// A history played with a strategy, its store failing where the history says so, and judged by the model.

import { BadImage } from "@pagelapse/checkpoint";
import type { MemoryImage, Strategy } from "@pagelapse/checkpoint";
import type { Architecture } from "@pagelapse/mmu";
import { MemoryFileSystem, createVfs } from "@pagelapse/vfs";
import type { FaultPlan } from "@pagelapse/vfs/faults";
import { FaultyFileSystem } from "@pagelapse/vfs/faults";
import { Chain, expectImage, expectTree } from "../chain.ts";
import { BrokenCheckpoint } from "./failure.ts";
import type { Step } from "../step.ts";
import { tinyMachine } from "../tiny-machine.ts";
import { World } from "../world.ts";
import type { CommandListener } from "../world.ts";
import { WrongMemory } from "../wrong-memory.ts";

/** Who is told of a history as it is played. */
export interface Hearers {
  readonly command: CommandListener;
  /** A checkpoint begins, while the store is to fail so. */
  readonly checkpoint: (faults: FaultPlan) => void;
}

/** What a history came to that ended well. */
export interface Played {
  readonly met: ReadonlySet<string>;
  readonly checkpoints: number;
  /** Not taken, where the store failed. */
  readonly failed: number;
  readonly pagesSaved: number;
}

/**
 * Plays a history. Throws `WrongMemory` at the first page that is wrong, in an image or in the program itself, and
 * `BrokenCheckpoint` where none was taken, or none can be read, though nothing stood in its way, and for whatever else is thrown.
 */
export function playHistory(
  strategy: Strategy,
  architecture: Architecture,
  history: readonly Step[],
  hearers: Hearers = { command: () => {}, checkpoint: () => {} },
): Played {
  const disk = new MemoryFileSystem();
  const store = new FaultyFileSystem(disk, []);
  const world = new World(tinyMachine({ architecture, store }), undefined, "anything", hearers.command);
  const chain = new Chain(world.machine, strategy, createVfs({ fileSystem: disk }));
  const totals = { checkpoints: 0, failed: 0, pagesSaved: 0 };
  const checkpoint = (faults: FaultPlan): void => {
    hearers.checkpoint(faults);
    store.follow(faults);
    const image = takeFrom(chain);
    store.follow([]);
    totals.checkpoints++;
    // The report's files say nothing of areas, and are of one process.
    if (image?.areas !== undefined) expectTree(chain.tree, world.model);
    else if (image !== undefined) expectImage(image, world.model);
    else if (faults.length === 0) throw new BrokenCheckpoint("fails", reasonOf(chain));
    else totals.failed++;
    if (chain.last?.kind === "committed") totals.pagesSaved += chain.last.pagesSaved;
  };
  try {
    for (const step of history) world.take(step, checkpoint);
  } catch (reason) {
    if (reason instanceof WrongMemory || reason instanceof BrokenCheckpoint) throw reason;
    // A machine whose tables a strategy has broken.
    throw new BrokenCheckpoint("throws", wordsOf(reason));
  }
  return { met: world.met, ...totals };
}

function takeFrom(chain: Chain): MemoryImage | undefined {
  try {
    return chain.take();
  } catch (reason) {
    if (reason instanceof BadImage) throw new BrokenCheckpoint("fails", reason.message);
    throw new BrokenCheckpoint("throws", wordsOf(reason));
  }
}

function wordsOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

function reasonOf({ last }: Chain): string {
  return last === undefined || last.kind === "committed" ? "it cannot be read" : last.reason;
}
