// A chain of checkpoints of one machine, read back from its files as it grows.

import type { CheckpointResult, Checkpointer, MemoryImage, Rebuild, Strategy, TreeMemory } from "@pagelapse/checkpoint";
import type { Machine } from "@pagelapse/kernel";
import { frameBytes } from "@pagelapse/mmu";
import type { Vfs } from "@pagelapse/vfs";
import type { Model } from "./model.ts";
import { isSame } from "./same-bytes.ts";
import { WrongMemory } from "./wrong-memory.ts";
import { addressOf, windowPages, windowStart } from "./window.ts";

/** Checkpoints taken with one strategy, of the task that the first processor runs: another one begins another chain. */
export class Chain {
  readonly #machine: Machine;
  readonly #strategy: Strategy;
  readonly #files: Vfs;
  #task: number;
  #checkpointer: Checkpointer;
  #rebuild: Rebuild;
  /** How the last checkpoint ended. */
  last: CheckpointResult | undefined;
  /** What there is to complain of in its files. */
  complaints: readonly string[] = [];

  /** `files`: where the files are read, for a machine whose own store fails. */
  constructor(machine: Machine, strategy: Strategy, files: Vfs = machine.tracked.store) {
    this.#machine = machine;
    this.#strategy = strategy;
    this.#files = files;
    this.#task = machine.state.running[0];
    this.#checkpointer = strategy.start();
    this.#rebuild = strategy.rebuild(machine.architecture);
  }

  /** The process tree as the files so far bring it back. */
  get tree(): TreeMemory {
    return this.#rebuild.tree;
  }

  /** Takes a checkpoint; gives memory as the files so far bring it back, or `undefined` when it failed. */
  take(): MemoryImage | undefined {
    const [task] = this.#machine.state.running;
    if (task !== this.#task) {
      this.#task = task;
      this.#checkpointer = this.#strategy.start();
      this.#rebuild = this.#strategy.rebuild(this.#machine.architecture);
    }
    this.last = this.#checkpointer.take(this.#machine.tracked);
    this.#machine.flush();
    if (this.last.kind !== "committed") return undefined;
    this.complaints = this.#rebuild.add(this.#files, this.last.path);
    return this.#rebuild.image;
  }

  /** `take` where nothing can fail. */
  commit(): MemoryImage {
    const image = this.take();
    if (image === undefined) throw new Error(`${this.last?.path} was not written`);
    if (this.complaints.length > 0) throw new Error(this.complaints.join("; "));
    return image;
  }
}

/** Throws unless a tree has the processes that come from the model's, and each of them holds what the model holds. */
export function expectTree({ processes }: TreeMemory, model: Model): void {
  const root = model.pid;
  const pids = model.treeOf(root);
  const found = processes.map(({ pid }) => pid);
  const missing = pids.find((pid) => !found.includes(pid));
  if (missing !== undefined) throw new WrongMemory("lost", 0, missing);
  if (found.join() !== pids.join()) throw new Error(`processes ${found.join()} came back for ${pids.join()}`);
  processes.forEach((process, index) => {
    model.pid = pids[index];
    const expected = index === 0 ? 0 : model.parentPid;
    if (process.parentPid !== expected) throw new Error(`process ${process.pid} came back a child of ${process.parentPid}`);
    expectImage(process, model);
  });
  model.pid = root;
}

/** Throws `WrongMemory` unless the image, page by page, is what the model holds; pages that it lacks are as if nobody had touched them. */
export function expectImage(image: MemoryImage, model: Model): void {
  const held = new Map(image.pages);
  for (let page = 0; page < windowPages; page++) {
    const expected = model.bytesOf(page);
    const found = held.get(addressOf(page));
    held.delete(addressOf(page));
    if (expected === undefined && found !== undefined) throw new WrongMemory("resurrected", page, model.pid);
    if (expected === undefined) continue;
    if (found === undefined && !isSame(model.untouchedBytesOf(page), expected)) throw new WrongMemory("lost", page, model.pid);
    if (found !== undefined && !isSame(found, expected)) throw new WrongMemory("stale", page, model.pid);
  }
  for (const [vaddr, bytes] of held) {
    const page = (vaddr - windowStart) / frameBytes;
    const expected = model.bytesOf(page);
    if (expected === undefined) throw new WrongMemory("resurrected", page, model.pid);
    if (!isSame(bytes, expected)) throw new WrongMemory("stale", page, model.pid);
  }
}
