// Each safeguard of a durable protocol, left out, is found by the class of faults it is there for; with all of them, none finds anything.

import { O_WRONLY, filpClose, filpOpen, ftruncate, isFailure, kernelBuffer, readFile, unlink, vfsWrite } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { CrashFileSystem, crashes } from "@pagelapse/vfs/crash";
import type { CrashOptions, ProfileName } from "@pagelapse/vfs/crash";
import { FaultyFileSystem, commonFaults, printFaultPlan, singleFaultPlans } from "@pagelapse/vfs/faults";
import type { FaultPlan } from "@pagelapse/vfs/faults";
import { expect, test } from "vitest";
import { Checkpointer, filesIn, restore } from "./checkpoint-store.ts";
import type { Safeguard } from "./checkpoint-store.ts";
import { quietVfs } from "./crash-world.ts";

type FaultClass = "strict" | "ordered" | "posix" | "posix+garbage" | "hostile" | "lying-fsync" | "errors" | "damage";

const geometry = { blockBytes: 16, sectorBytes: 4 } as const;
const counts = { workloads: 0, points: 0, crashes: 0, errors: 0, damages: 0 };

/** Pages change and checkpoints are taken: three generations, so that the first is removed. */
function work(checkpointer: Checkpointer): void {
  const kinds = ["full", "increment", "full", "full", "increment"] as const;
  for (const [index, kind] of kinds.entries()) {
    checkpointer.store(index % 3, String.fromCharCode(0x61 + index));
    if (index % 2 === 1) checkpointer.store((index + 1) % 3, String.fromCharCode(0x41 + index));
    checkpointer.checkpoint(kind);
  }
}

interface Ran {
  readonly disk: CrashFileSystem;
  readonly begun: readonly string[];
  readonly calls: FaultyFileSystem["calls"];
  readonly openFiles: number;
}

function runUnder(profile: ProfileName, without: readonly Safeguard[], plan: FaultPlan): Ran {
  const disk = new CrashFileSystem({ profile, ...geometry });
  const faulty = new FaultyFileSystem(disk, plan);
  const vfs = quietVfs(faulty);
  const checkpointer = new Checkpointer(vfs, without, (memory) => disk.acknowledge(memory));
  work(checkpointer);
  counts.workloads++;
  return { disk, begun: checkpointer.begun, calls: faulty.calls, openFiles: vfs.openFiles.size };
}

/** What is wrong with what a reader finds. `told` is the newest memory that must be there. */
function wrong(
  vfs: Vfs,
  without: ReadonlySet<Safeguard>,
  begun: readonly string[],
  told: string | undefined,
): string | undefined {
  const found = restore(vfs, without);
  if (found === undefined) {
    if (told !== undefined) return "what was acknowledged is lost: nothing is found";
    return restore(vfs, new Set()) === undefined ? undefined : "gave up, with an older image whole";
  }
  if (!begun.includes(found.memory)) return `wrong memory in ${found.number}`;
  return told !== undefined && begun.indexOf(found.memory) < begun.indexOf(told) ? "what was acknowledged is lost" : undefined;
}

/** How much is tried: crashes at a point, and every how many-th plan of faults. */
interface Effort {
  readonly cap: number;
  readonly stride: number;
}

/** What the first fault of a class that shows a bug shows. */
function findIn(faults: FaultClass, without: readonly Safeguard[], effort: Effort): string | undefined {
  if (faults === "errors") return findByErrors(without, effort);
  if (faults === "damage") return findByDamage(without);
  return findByCrashes(runUnder(faults, without, []), without, { cap: effort.cap });
}

function findByCrashes({ disk, begun }: Ran, without: readonly Safeguard[], options: CrashOptions): string | undefined {
  const left = new Set(without);
  counts.points += disk.points.length - (options.from ?? 0);
  for (const { line, acknowledged, recover } of crashes(disk, options)) {
    counts.crashes++;
    const told = disk.profile.name === "lying-fsync" ? undefined : acknowledged.at(-1);
    const problem = wrong(quietVfs(recover()), left, begun, told);
    if (problem !== undefined) return `${line}: ${problem}`;
  }
  return undefined;
}

/** One call fails, the program goes on, and at the end the power does. What the crash alone shows is not counted. */
function findByErrors(without: readonly Safeguard[], { stride }: Effort): string | undefined {
  const after = (ran: Ran): string | undefined =>
    findByCrashes(ran, without, { from: ran.disk.points.length - 1, cap: 8, tearing: "none" });
  const calm = runUnder("posix", without, []);
  if (after(calm) !== undefined) return undefined;
  const plans = plansFor(calm.calls).filter((_, index) => index % stride === 0);
  for (const plan of plans) {
    const ran = runUnder("posix", without, plan);
    counts.errors++;
    const problem = ran.openFiles > 0 ? "a file is left open" : after(ran);
    if (problem !== undefined) return `${printFaultPlan(plan)}, ${problem}`;
  }
  return undefined;
}

/** EINTR is no other than EIO here, and what fails from a look on as good as fails from the next change on. */
function plansFor(calls: FaultyFileSystem["calls"]): readonly FaultPlan[] {
  const effects = commonFaults.filter((effect) => effect.kind === "short" || effect.errno !== "EINTR");
  const looks = new Set<string>(["lookup", "getattr", "readdir", "read"]);
  return [...singleFaultPlans(calls, effects)].filter(([{ call, repeat }]) => repeat === "once" || !looks.has(calls[call - 1]));
}

/** A byte changed, a file cut or gone: something else that was acknowledged must be found, and nothing wrong. */
function findByDamage(without: readonly Safeguard[]): string | undefined {
  const { disk, begun } = runUnder("posix", without, []);
  disk.settle();
  const { durable, options } = disk;
  for (const path of filesIn(quietVfs(disk))) {
    const bytes = readFile(quietVfs(disk), path);
    if (isFailure(bytes)) return `${path}: ${bytes.errno}`;
    for (let at = -2; at < bytes.length; at++) {
      const vfs = quietVfs(CrashFileSystem.on(durable, options));
      damage(vfs, path, at, bytes);
      counts.damages++;
      const problem =
        wrong(vfs, new Set(without), begun, undefined) ??
        (restore(vfs, new Set(without)) === undefined ? "nothing is left" : undefined);
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

const classes: readonly FaultClass[] = [
  "strict",
  "ordered",
  "posix",
  "posix+garbage",
  "hostile",
  "lying-fsync",
  "errors",
  "damage",
];

test("with every safeguard, no fault finds anything", () => {
  const found = classes.map((faults) => findIn(faults, [], { cap: 160, stride: 1 })).filter((problem) => problem !== undefined);
  expect(found).toEqual([]);
});

/** Rows that are found by nothing are safeguards that another one makes superfluous. */
test.each<[readonly Safeguard[], readonly FaultClass[]]>([
  [["fsync of files"], ["ordered", "posix", "posix+garbage", "hostile"]],
  [["fsync of the image directory"], ["posix", "posix+garbage", "hostile"]],
  [["fsync of the store"], ["strict", "ordered", "posix", "posix+garbage", "hostile"]],
  [["two generations"], ["errors", "damage"]],
  [
    ["two generations", "removal after all is durable"],
    ["posix", "posix+garbage", "hostile", "errors", "damage"],
  ],
  [["checksums"], ["lying-fsync", "damage"]],
  [
    ["checksums", "files before the rename"],
    ["posix", "posix+garbage", "hostile", "lying-fsync", "errors", "damage"],
  ],
  [["files before the rename"], []],
  [
    ["checksums", "another name until it is whole"],
    ["lying-fsync", "damage"],
  ],
  [
    ["checksums", "another name until it is whole", "pages before the manifest"],
    ["posix", "posix+garbage", "hostile", "lying-fsync", "errors", "damage"],
  ],
  [["another name until it is whole"], []],
  [["an older image if the newest is damaged"], ["lying-fsync", "damage"]],
  [["no second fsync after an error"], ["errors"]],
  [["dirty pages until it is durable"], ["errors"]],
  [["a fresh number after a failure", "the parent's digest"], ["errors"]],
])("without %j it is found by %j", (without, expected) => {
  const found = classes.flatMap((faults) => {
    const problem = findIn(faults, without, { cap: 40, stride: expected.includes("errors") ? 1 : 11 });
    return problem === undefined ? [] : [{ faults, problem }];
  });
  expect(
    found.map(({ faults }) => faults),
    found.map(({ faults, problem }) => `${faults}: ${problem}`).join("\n"),
  ).toEqual(expected);
});

test("enough was tried", () => {
  expect(counts.crashes).toBeGreaterThan(20_000);
  expect(counts.errors).toBeGreaterThan(1000);
});
