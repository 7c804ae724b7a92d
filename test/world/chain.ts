// A chain of checkpoints of one machine, read back from its files as it grows.

import { strategyNamed } from "@pagelapse/checkpoint";
import type { CheckpointResult, Checkpointer, MemoryImage, Rebuild } from "@pagelapse/checkpoint";
import type { Machine } from "@pagelapse/kernel";
import { isFailure, readFile } from "@pagelapse/vfs";
import { pageBytes } from "./model.ts";
import type { Model } from "./model.ts";
import { windowPages } from "./step.ts";
import { addressOf } from "./world.ts";

/** Checkpoints taken with one strategy. */
export class Chain {
  readonly #machine: Machine;
  readonly #checkpointer: Checkpointer;
  readonly #rebuild: Rebuild;
  /** How the last checkpoint ended. */
  last: CheckpointResult | undefined;

  /** Throws when no strategy has that name. */
  constructor(machine: Machine, name: string) {
    const strategy = strategyNamed(name);
    if (strategy === undefined) throw new Error(`no strategy ${name}`);
    this.#machine = machine;
    this.#checkpointer = strategy.start();
    this.#rebuild = strategy.rebuild(machine.architecture);
  }

  /** Takes a checkpoint; gives memory as the files so far bring it back, or `undefined` when it failed. */
  take(): MemoryImage | undefined {
    this.last = this.#checkpointer.take(this.#machine.tracked);
    this.#machine.flush();
    if (this.last.kind !== "committed") return undefined;
    const bytes = readFile(this.#machine.tracked.store, this.last.path);
    if (isFailure(bytes)) throw new Error(`${this.last.path}: ${bytes.errno}`);
    const complaints = this.#rebuild.add(this.last.path, bytes);
    if (complaints.length > 0) throw new Error(complaints.join("; "));
    return this.#rebuild.image;
  }

  /** `take` where nothing can fail. */
  commit(): MemoryImage {
    const image = this.take();
    if (image === undefined) throw new Error(`${this.last?.path} was not written`);
    return image;
  }
}

/** Throws unless the image, page by page, is what the model holds; pages that it lacks are as if nobody had touched them. */
export function expectImage(image: MemoryImage, model: Model): void {
  const held = new Map(image.pages);
  for (let page = 0; page < windowPages; page++) {
    const expected = model.bytesOf(page);
    const found = held.get(addressOf(page));
    held.delete(addressOf(page));
    if (expected === undefined && found !== undefined) throw new Error(`page ${page} is resurrected`);
    if (expected === undefined) continue;
    const untouched = untouchedPage(model, page);
    if (found === undefined && Buffer.compare(untouched, expected) !== 0) throw new Error(`page ${page} is lost`);
    if (found !== undefined && Buffer.compare(found, expected) !== 0) throw new Error(`page ${page} is stale`);
  }
  if (held.size > 0) throw new Error(`the image has pages of no window: ${[...held.keys()].join(" ")}`);
}

/** What the page would hold had nobody ever stored to what it maps. */
function untouchedPage(model: Model, page: number): Uint8Array {
  const backing = model.pages.get(page)?.backing;
  for (const name of ["private", "shared"] as const) {
    const index = model.files[name].findIndex((bytes) => bytes === backing);
    if (index >= 0) return model.filesBefore[name][index];
  }
  return new Uint8Array(pageBytes);
}
