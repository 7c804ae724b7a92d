// A workload of a store under each class of faults, and the first thing that is wrong then.

import {
  O_WRONLY,
  createVfs,
  filpClose,
  filpOpen,
  ftruncate,
  isFailure,
  kernelBuffer,
  lstat,
  readFile,
  readdir,
  setFs,
  unlink,
  vfsWrite,
} from "@pagelapse/vfs";
import type { FileSystem, Vfs } from "@pagelapse/vfs";
import { CrashFileSystem, crashes } from "@pagelapse/vfs/crash";
import type { CrashOptions, ProfileName } from "@pagelapse/vfs/crash";
import { FaultyFileSystem, commonFaults, printFaultPlan, singleFaultPlans } from "@pagelapse/vfs/faults";
import type { FaultPlan } from "@pagelapse/vfs/faults";
import { BadImage } from "../../src/bad-image.ts";
import { ImageChain } from "../../src/store/image-chain.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import type { StoredImage } from "../../src/store/stored-image.ts";
import { Program, memoryIn } from "./program.ts";

/** Crashes under a profile; a call that fails; bytes that change on the disk. */
export type FaultClass = ProfileName | "errors" | "damage";

export const faultClasses: readonly FaultClass[] = [
  "strict",
  "ordered",
  "posix",
  "posix+garbage",
  "hostile",
  "lying-fsync",
  "errors",
  "damage",
];

/** How much is tried. */
export interface Effort {
  /** Crashes at a point. */
  readonly cap: number;
  /** Every how many-th plan of faults, and byte that is damaged. */
  readonly stride: number;
  /** After every how many-th crash the store is used again; 0: never. */
  readonly resume: number;
  /** What must hold. */
  readonly promise: Promised;
}

/**
 * `memory`: what was acknowledged is found, and nothing that never was in memory. `whole images`: and where fsync is honest and
 * nobody damages files, no part of an image stands under the name of one.
 */
export type Promised = "memory" | "whole images";

/** How much was tried, and how it ended. */
export const counts = { crashes: 0, errors: 0, damages: 0, newest: 0, older: 0, none: 0, rejected: 0 };

/** What the first fault of a class shows to be wrong; `undefined`: none shows anything. */
export function findIn(faults: FaultClass, effort: Effort): string | undefined {
  if (faults === "errors") return findByErrors(effort);
  if (faults === "damage") return findByDamage(effort);
  return findByCrashes(runUnder(faults, []), { cap: effort.cap }, effort);
}

/** A run of the workload, the disk that it left, and its calls. */
interface Ran extends Worked {
  readonly disk: CrashFileSystem;
  readonly calls: FaultyFileSystem["calls"];
}

function runUnder(profile: ProfileName, plan: FaultPlan): Ran {
  const disk = new CrashFileSystem({ profile });
  const faulty = new FaultyFileSystem(disk, plan);
  const worked = work(faulty, (memory) => disk.acknowledge(memory));
  return { disk, ...worked, calls: faulty.calls };
}

/** What the workload did: the memory of each image that was begun, and how many files it left open. */
export interface Worked {
  readonly begun: readonly string[];
  readonly openFiles: number;
}

/**
 * Images of a process whose pages change: three generations, of which the first is removed, and two increments on the last. `told`
 * hears of each memory that is safe; `letters`: what its pages are full of.
 */
export function work(fileSystem: FileSystem, told: (memory: string) => void, letters = "abcdef"): Worked {
  const vfs = quietVfs(fileSystem);
  const store = new ImageStore(vfs);
  const program = new Program(["process 1"]);
  const begun: string[] = [];
  const checkpoint = (kind: "full" | "increment", encoding: "raw" | "lines"): void => {
    begun.push(program.memory);
    if (program.checkpoint(store, kind, encoding).kind === "committed") told(program.memory);
  };
  program.write("process 1", 0, letters[0]);
  program.write("process 1", 1, letters[1]);
  checkpoint("full", "raw");
  program.write("process 1", 1, letters[2]);
  checkpoint("increment", "raw");
  program.write("process 1", 2, "0");
  checkpoint("full", "raw");
  store.collect();
  program.write("process 1", 1, letters[3]);
  checkpoint("full", "raw");
  store.collect();
  program.write("process 1", 0, letters[4], 5);
  checkpoint("increment", "lines");
  program.write("process 1", 1, letters[5]);
  checkpoint("increment", "raw");
  return { begun, openFiles: vfs.openFiles.size };
}

function findByCrashes(
  { disk, begun }: Ran,
  options: CrashOptions,
  { resume, promise }: Pick<Effort, "resume" | "promise">,
): string | undefined {
  for (const { line, acknowledged, recover } of crashes(disk, options)) {
    counts.crashes++;
    const isHonest = disk.profile.name !== "lying-fsync";
    const recovered = recover();
    const kept = isHonest ? promise : "memory";
    const problem =
      wrong(recovered, begun, isHonest ? acknowledged.at(-1) : undefined, kept) ??
      (resume > 0 && counts.crashes % resume === 0 ? wrongLater(recovered, begun, kept) : undefined);
    if (problem !== undefined) return `${line}: ${problem}`;
  }
  return undefined;
}

/**
 * After some of the crashes under a profile another program begins where the first one was cut off, and there is another crash. Its
 * first images must not take away what stood there.
 */
export function findBySecondCrashes(
  profile: ProfileName,
  { cap, every }: { readonly cap: number; readonly every: number },
): string | undefined {
  const first = runUnder(profile, []);
  let count = 0;
  for (const { line, recover } of crashes(first.disk, { cap })) {
    if (count++ % every !== 0) continue;
    const disk = recover();
    const found = new ImageStore(quietVfs(disk)).survey("pages");
    const before =
      isFailure(found) || found.newest === undefined
        ? undefined
        : memoryIn(new ImageStore(quietVfs(disk)).openChain(found.newest.path));
    const second = work(disk, (memory) => disk.acknowledge(memory), "ghijkl");
    const begun = [...first.begun, ...second.begun];
    for (const again of crashes(disk, { cap: 2, tearing: "none" })) {
      counts.crashes++;
      const problem = wrong(again.recover(), begun, again.acknowledged.at(-1) ?? before, "whole images");
      if (problem !== undefined) return `${line}; then ${again.line}: ${problem}`;
    }
  }
  return undefined;
}

/** One call fails, the program goes on, and at the end the power does. What the crash alone shows is not counted. */
function findByErrors({ stride, promise }: Effort): string | undefined {
  const after = (ran: Ran): string | undefined =>
    findByCrashes(ran, { from: ran.disk.points.length - 1, cap: 4, tearing: "none" }, { resume: 0, promise });
  const calm = runUnder("posix", []);
  if (after(calm) !== undefined) return undefined;
  for (const plan of plansFor(calm.calls).filter((_, index) => index % stride === 0)) {
    counts.errors++;
    const ran = runUnder("posix", plan);
    const problem = ran.openFiles > 0 ? "a file is left open" : after(ran);
    if (problem !== undefined) return `${printFaultPlan(plan)}, ${problem}`;
  }
  return undefined;
}

/** EINTR is no other than EIO here, and what fails from a look on as good as fails from the next change on. */
function plansFor(calls: FaultyFileSystem["calls"]): readonly FaultPlan[] {
  const effects = commonFaults.filter((effect) => effect.kind === "short" || effect.errno !== "EINTR");
  return [...singleFaultPlans(calls, effects)].filter(([{ call, repeat }]) => repeat === "once" || !looks.has(calls[call - 1]));
}

/** Calls that change nothing. */
const looks = new Set<string>(["lookup", "getattr", "readdir", "readlink", "open", "close", "read"]);

/** A byte changed, a file cut or gone: another image that was acknowledged must be found, and nothing wrong. */
function findByDamage({ stride }: Effort): string | undefined {
  const { disk, begun } = runUnder("posix", []);
  disk.settle();
  const { durable, options } = disk;
  for (const path of filesIn(quietVfs(disk))) {
    const bytes = readFile(quietVfs(disk), path);
    if (isFailure(bytes)) return `${path}: ${bytes.errno}`;
    for (let at = -2; at < bytes.length; at += at < 0 ? 1 : stride) {
      const damaged = CrashFileSystem.on(durable, options);
      damage(quietVfs(damaged), path, at, bytes);
      counts.damages++;
      const problem = wrong(damaged, begun, undefined, "memory") ?? (isEmpty(damaged) ? "nothing is left" : undefined);
      if (problem !== undefined) return `${path}, byte ${at}: ${problem}`;
    }
  }
  return undefined;
}

/** Changes a byte; at -1 cuts the file in half, at -2 removes it. */
function damage(vfs: Vfs, path: string, at: number, bytes: Uint8Array): void {
  if (at === -2) return void unlink(vfs, path);
  const file = filpOpen(vfs, path, O_WRONLY, 0);
  if (isFailure(file)) throw new Error(file.errno);
  if (at === -1) ftruncate(vfs, file, Math.floor(bytes.length / 2));
  else vfsWrite(vfs, file, kernelBuffer(Uint8Array.of(bytes[at] ^ 1)), { position: at });
  filpClose(vfs, file);
}

function isEmpty(fileSystem: FileSystem): boolean {
  const found = new ImageStore(quietVfs(fileSystem)).survey("pages");
  return isFailure(found) || found.newest === undefined;
}

/** What is wrong with what a reader finds. `told`: the newest memory that must be there. */
export function wrong(
  fileSystem: FileSystem,
  begun: readonly string[],
  told: string | undefined,
  promise: Promised,
): string | undefined {
  const calls = new FaultyFileSystem(fileSystem, []);
  const store = new ImageStore(quietVfs(calls));
  let found: ReturnType<ImageStore["survey"]>;
  try {
    found = store.survey("pages");
  } catch (error) {
    return `the survey threw: ${String(error)}`;
  }
  if (isFailure(found)) return `the store cannot be read: ${found.errno}`;
  const { newest, images, rejected } = found;
  counts.rejected += rejected.length;
  const half = rejected.find(({ kind }) => kind === "damaged");
  if (promise === "whole images" && half !== undefined) return `half an image stands there: ${half.reason.message}`;
  if (rejected.some(({ reason }) => !(reason instanceof BadImage) || reason.message === "")) return "rejected without a reason";
  const memories = new Map(images.map((stored) => [stored.path, memoryIn(chainOf(stored, images))]));
  for (const [path, memory] of memories) if (!begun.includes(memory)) return `wrong memory in ${path}: ${memory}`;
  if (newest === undefined && images.length > 0) return "gave up, with an older image whole";
  const memory = newest === undefined ? undefined : memories.get(newest.path);
  if (!calls.calls.every((call) => looks.has(call))) return "reading changed something";
  if (memory === undefined) {
    counts.none++;
    return told === undefined ? undefined : "what was acknowledged is lost: nothing is found";
  }
  if (memory === begun.at(-1)) counts.newest++;
  else counts.older++;
  return told !== undefined && begun.lastIndexOf(memory) < begun.indexOf(told) ? "what was acknowledged is lost" : undefined;
}

/** An image with those that it builds on, all of them whole. */
function chainOf(stored: StoredImage, images: readonly StoredImage[]): ImageChain {
  const chain = [stored];
  for (let { parent } = stored.image; parent !== undefined; { parent } = chain[chain.length - 1].image) {
    const { sequence } = parent;
    const below = images.find(({ image }) => image.sequence === sequence);
    if (below === undefined) throw new Error(`image-${sequence} is not there`);
    chain.push(below);
  }
  return new ImageChain(chain);
}

/** What is wrong when the store is used again after a crash: what is committed then is found, with all that was there. */
function wrongLater(disk: CrashFileSystem, begun: readonly string[], promise: Promised): string | undefined {
  const vfs = quietVfs(disk);
  const store = new ImageStore(vfs);
  const before = store.survey("pages");
  const program = new Program(["process 1"]);
  program.write("process 1", 3, "y");
  const full = program.checkpoint(store, "full");
  program.write("process 1", 3, "z");
  const increment = program.checkpoint(store, "increment");
  if (full.kind !== "committed" || increment.kind !== "committed") return `no commit after the crash: ${JSON.stringify(full)}`;
  const after = store.survey("pages");
  if (isFailure(before) || isFailure(after) || after.newest?.path !== increment.path) return "the next commit is not found";
  if (after.images.length !== before.images.length + 2) return "a commit after the crash lost an image";
  store.collect();
  const left = store.survey("pages");
  if (isFailure(left) || left.leftovers.length > 0) return "leftovers stay after they were collected";
  return wrong(disk, [...begun, program.memory, program.memory.replace("=z", "=y")], program.memory, promise);
}

/** Files of images, as paths. */
function filesIn(vfs: Vfs): readonly string[] {
  const names = (path: string): readonly string[] => {
    const entries = readdir(vfs, path);
    return isFailure(entries) ? [] : entries.map(({ name }) => name);
  };
  const isFile = (path: string): boolean => {
    const attributes = lstat(vfs, path);
    return !isFailure(attributes) && attributes.kind === "file";
  };
  return names(".").flatMap((image) =>
    names(image)
      .map((name) => `${image}/${name}`)
      .filter(isFile),
  );
}

function quietVfs(fileSystem: FileSystem): Vfs {
  const vfs = createVfs({ fileSystem });
  setFs(vfs, "KERNEL_DS");
  return vfs;
}
