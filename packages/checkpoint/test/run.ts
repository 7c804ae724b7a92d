// A history run with checkpoints: every file read back at once, and what it gives compared with what every page must hold.

import { compareMemory, compareProcesses, peekPage, restore } from "@pagelapse/checkpoint";
import type { CheckpointResult, Checkpointer, MemoryImage, Rebuild, Strategy, Tracked } from "@pagelapse/checkpoint";
import { frameBytes } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import {
  MemoryFileSystem,
  O_CREAT,
  O_WRONLY,
  filpClose,
  filpOpen,
  ftruncate,
  isFailure,
  kernelBuffer,
  lstat,
  pwrite,
  readFile,
  readdir,
  setFs,
  unlink,
} from "@pagelapse/vfs";
import type { FileSystem, Vfs } from "@pagelapse/vfs";
import { files } from "./mapped-files.ts";
import { act, pageAt, windowPages } from "./history.ts";
import type { Step, Trouble } from "./history.ts";
import { withParts } from "./with-parts.ts";
import { World } from "./world.ts";

/** What a deliberate bug replaces. */
export interface Mutant {
  /** The process as the strategy sees it. */
  readonly tracked?: (world: World) => Tracked;
  /** A checkpointer to use from the first failure on: one that forgets what it should have kept. */
  readonly start?: (strategy: Strategy) => Checkpointer;
}

/** A checkpoint that was read back. */
export interface Taken {
  readonly result: CheckpointResult;
  /** Its files, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly image: MemoryImage;
}

/** Space for the files of every history, and a stone to fill it with. */
const byteCapacity = 2 ** 22;
const stone = "/stone";

/** Files of a world, and what can go wrong with them. */
class Disk {
  readonly #memory: MemoryFileSystem = new MemoryFileSystem({ byteCapacity });
  #trouble: Trouble = "none";
  #isRenamed = false;
  readonly fileSystem: FileSystem = withParts<FileSystem>(this.#memory, {
    fsync: (handle) => (this.#losesSync ? { errno: "EIO" } : this.#memory.fsync(handle)),
    rename: (...names) => {
      this.#isRenamed = true;
      return this.#memory.rename(...names);
    },
  });

  /** Acts while something is wrong, and puts it right again. */
  during<Result>(vfs: Vfs, trouble: Trouble, action: () => Result): Result {
    if (trouble === "no space" || trouble === "one block") {
      placeStone(vfs, this.#memory.freeBytes - (trouble === "one block" ? frameBytes : 0));
    }
    this.#trouble = trouble;
    this.#isRenamed = false;
    const result = action();
    this.#trouble = "none";
    unlink(vfs, stone);
    return result;
  }

  get #losesSync(): boolean {
    return this.#trouble === "file sync" || (this.#trouble === "directory sync" && this.#isRenamed);
  }
}

/**
 * Runs a history; returns its committed checkpoints. Throws where a rebuilt memory is not what the model says, by the two
 * comparisons of the package and without them.
 */
export function run(
  architecture: Architecture,
  strategy: Strategy,
  steps: readonly Step[],
  met: Set<string>,
  mutant: Mutant = {},
): readonly Taken[] {
  const disk = new Disk();
  const world = new World(architecture, disk.fileSystem);
  const tracked = mutant.tracked?.(world) ?? world;
  const checkpointer = mutant.start?.(strategy) ?? strategy.start();
  const rebuild = strategy.rebuild(architecture);
  const taken: Taken[] = [];
  for (const step of steps) {
    if (step.do !== "checkpoint") {
      act(world, step);
      continue;
    }
    const result = disk.during(world.store, step.trouble, () => checkpointer.take(tracked));
    met.add(result.kind);
    if (result.kind !== "committed") {
      const left = lstat(world.store, result.path);
      if (isFailure(left) !== (result.kind === "failed"))
        throw new Error(`${result.kind}, and the image is ${isFailure(left) ? "not " : ""}there`);
      continue;
    }
    const written = filesIn(world.store, result.path);
    const byteCount = [...written.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    if (byteCount !== result.byteCount) throw new Error(`${result.byteCount} bytes told, ${byteCount} written`);
    rebuild.add(world.store, result.path);
    judge(world, rebuild, met);
    taken.push({ result, files: written, image: rebuild.image });
  }
  return taken;
}

/** The files of an image. */
function filesIn(store: Vfs, path: string): ReadonlyMap<string, Uint8Array> {
  const entries = readdir(store, path);
  if (isFailure(entries)) throw new Error(`${path}: ${entries.errno}`);
  return new Map(
    entries.flatMap(({ kind, name }) => {
      const bytes = readFile(store, `${path}/${name}`);
      return kind !== "file" || isFailure(bytes) ? [] : [[name, bytes] as const];
    }),
  );
}

/** Compares memory brought back with the model, and asks the package's own comparisons to agree. */
function judge(world: World, rebuild: Rebuild, met: Set<string>): void {
  const restored = restore(rebuild.image, { architecture: world.architecture, frameCount: 48, files });
  const found = new Uint8Array(frameBytes);
  for (let page = 0; page < windowPages; page++) {
    const vaddr = pageAt(page);
    const expected = world.expected(vaddr);
    const known = peekPage(restored, vaddr, found);
    if (known === "unmapped" ? expected !== undefined : expected === undefined) throw new Error(`page ${page} is ${known}`);
    if (expected !== undefined && Buffer.compare(expected, found) !== 0) throw new Error(`page ${page} has other bytes`);
    if (expected !== undefined) met.add(world.isWritten(vaddr) ? "written page" : "untouched page");
  }
  for (const comparison of [compareMemory(world, rebuild.image), compareProcesses(world, restored)]) {
    if (comparison.first !== undefined) throw new Error(JSON.stringify(comparison));
  }
  if (restored.space.brk !== world.space.brk || restored.space.pid !== world.space.pid) throw new Error("another break or pid");
  if (JSON.stringify(restored.space.areas) !== JSON.stringify(world.space.areas)) throw new Error("other areas");
}

function placeStone(vfs: Vfs, byteCount: number): void {
  const file = filpOpen(vfs, stone, O_WRONLY | O_CREAT, 0o644);
  if (isFailure(file)) throw new Error(file.errno);
  setFs(vfs, "KERNEL_DS");
  const bytes = new Uint8Array(byteCount).fill(1);
  if (byteCount > 0 && pwrite(vfs, file, kernelBuffer(bytes), 0) !== byteCount) throw new Error("the stone does not fit");
  setFs(vfs, "USER_DS");
  ftruncate(vfs, file, byteCount);
  filpClose(vfs, file);
}
