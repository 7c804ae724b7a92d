// What writeFileDurably does to be durable, step by step: each step left out is found by a class of faults, and the whole by none.

import {
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  filpClose,
  filpOpen,
  isFailure,
  kernelBuffer,
  mkdir,
  readFile,
  unlink,
  vfsFsync,
  vfsRename,
  vfsWrite,
  writeFileDurably,
} from "@pagelapse/vfs";
import type { Failure, OpenFile, Vfs } from "@pagelapse/vfs";
import { CrashFileSystem, crashes } from "@pagelapse/vfs/crash";
import type { ProfileName } from "@pagelapse/vfs/crash";
import { FaultyFileSystem, printFaultPlan, singleFaultPlans } from "@pagelapse/vfs/faults";
import type { FaultPlan } from "@pagelapse/vfs/faults";
import { expect, test } from "vitest";
import { quietVfs } from "./crash-world.ts";
import { bytesOf, textOf } from "./notation.ts";

type Step =
  | "another name"
  | "the rest of a short write"
  | "an end to writes of nothing"
  | "fsync of the file"
  | "fsync before the rename"
  | "fsync of the directory"
  | "the error of an fsync"
  | "no second fsync";

type Outcome = Failure | undefined;
type Writer = (vfs: Vfs, path: string, bytes: Uint8Array) => Outcome;

/** The protocol of writeFileDurably with steps left out. */
function writerWithout(...left: readonly Step[]): Writer {
  const has = (step: Step): boolean => !left.includes(step);
  const sync = (vfs: Vfs, file: OpenFile): Outcome => {
    const failed = vfsFsync(vfs, file);
    if (failed === undefined || !has("the error of an fsync")) return undefined;
    return has("no second fsync") ? failed : vfsFsync(vfs, file);
  };
  const withFile = (vfs: Vfs, path: string, flags: number, act: (file: OpenFile) => Outcome): Outcome => {
    const file = filpOpen(vfs, path, flags, 0o644);
    if (isFailure(file)) return file;
    const failed = act(file);
    const closed = filpClose(vfs, file);
    return failed ?? closed;
  };
  const fill = (vfs: Vfs, file: OpenFile, bytes: Uint8Array): Outcome => {
    for (let done = 0; done < bytes.length;) {
      const count = vfsWrite(vfs, file, kernelBuffer(bytes.subarray(done)));
      if (isFailure(count)) return count;
      if (!has("an end to writes of nothing") && count === 0) return undefined;
      if (count === 0) return { errno: "EIO" };
      if (!has("the rest of a short write")) return undefined;
      done += count;
    }
    return undefined;
  };
  return (vfs, path, bytes) => {
    const inPlace = !has("another name");
    const written = inPlace ? path : "/d/.tmp-0";
    const failed = withFile(
      vfs,
      written,
      O_WRONLY | O_CREAT | (inPlace ? O_TRUNC : O_EXCL),
      (file) =>
        fill(vfs, file, bytes) ?? (has("fsync of the file") && has("fsync before the rename") ? sync(vfs, file) : undefined),
    );
    const renamed = failed ?? (inPlace ? undefined : vfsRename(vfs, written, path));
    const late =
      renamed ?? (has("fsync before the rename") ? undefined : withFile(vfs, path, O_WRONLY, (file) => sync(vfs, file)));
    const published =
      late ??
      (has("fsync of the directory") ? withFile(vfs, "/d", O_RDONLY | O_DIRECTORY, (file) => sync(vfs, file)) : undefined);
    if (published !== undefined && !inPlace) unlink(vfs, written);
    return published;
  };
}

const versions = ["first version", "the second, longer version", "third"];
type FaultClass = "strict" | "ordered" | "posix" | "posix+garbage" | "errors";
const classes: readonly FaultClass[] = ["strict", "ordered", "posix", "posix+garbage", "errors"];

interface Ran {
  readonly disk: CrashFileSystem;
  readonly calls: FaultyFileSystem["calls"];
}

/** Writes the versions one after the other over a first one that is safe. */
function runUnder(profile: ProfileName, write: Writer, plan: FaultPlan): Ran {
  const disk = new CrashFileSystem({ profile, blockBytes: 16, sectorBytes: 4 });
  const calm = quietVfs(disk);
  mkdir(calm, "/d", 0o755);
  expect(writeFileDurably(calm, "/d/x", bytesOf(versions[0]))).toBeUndefined();
  disk.settle();
  const faulty = new FaultyFileSystem(disk, plan);
  const vfs = quietVfs(faulty);
  for (const version of versions.slice(1)) if (write(vfs, "/d/x", bytesOf(version)) === undefined) disk.acknowledge(version);
  expect(vfs.openFiles.size).toBe(0);
  return { disk, calls: faulty.calls };
}

/** The first crash that shows no version, or one older than what was acknowledged. */
function wrongCrash({ disk }: Ran, from: number): string | undefined {
  for (const { line, acknowledged, recover } of crashes(disk, { from })) {
    const bytes = readFile(quietVfs(recover()), "/d/x");
    const shown = isFailure(bytes) ? bytes.errno : textOf(bytes);
    const least = versions.indexOf(acknowledged.at(-1) ?? versions[0]);
    if (versions.indexOf(shown) < least) return `${line}: ${shown}`;
  }
  return undefined;
}

function findIn(faults: FaultClass, write: Writer): string | undefined {
  if (faults !== "errors") return wrongCrash(runUnder(faults, write, []), 0);
  const calm = runUnder("posix", write, []);
  const last = (ran: Ran): number => ran.disk.points.length - 1;
  if (wrongCrash(calm, last(calm)) !== undefined) return undefined;
  for (const plan of singleFaultPlans(calm.calls)) {
    const ran = runUnder("posix", write, plan);
    const problem = wrongCrash(ran, last(ran));
    if (problem !== undefined) return `${printFaultPlan(plan)}, ${problem}`;
  }
  return undefined;
}

test.each<[string, Writer]>([
  ["writeFileDurably", writeFileDurably],
  ["the same with every step", writerWithout()],
])("%s: no fault finds anything", (_, write) => {
  expect(classes.map((faults) => findIn(faults, write)).filter((problem) => problem !== undefined)).toEqual([]);
});

test("where a rename comes apart, a name that is written again can be lost: only a fresh name is safe there", () => {
  expect(wrongCrash(runUnder("hostile", writeFileDurably, []), 0)).toMatch(/^crash@4 hostile kept=\{5\}: ENOENT$/);
});

test.each<[readonly Step[], readonly FaultClass[]]>([
  [["another name"], ["strict", "ordered", "posix", "posix+garbage", "errors"]],
  [["the rest of a short write"], ["errors"]],
  [["an end to writes of nothing"], ["errors"]],
  // A rename that is ordered after the bytes of what it moves hides it: why so many programs get away with it.
  [["fsync of the file"], ["posix", "posix+garbage"]],
  [["fsync before the rename"], ["posix", "posix+garbage", "errors"]],
  [["fsync of the directory"], ["strict", "ordered", "posix", "posix+garbage"]],
  [["the error of an fsync"], ["errors"]],
  [["no second fsync"], ["errors"]],
])("without %j it is found by %j", (steps, expected) => {
  const found = classes.flatMap((faults) => {
    const problem = findIn(faults, writerWithout(...steps));
    return problem === undefined ? [] : [{ faults, problem }];
  });
  expect(
    found.map(({ faults }) => faults),
    found.map(({ faults, problem }) => `${faults}: ${problem}`).join("\n"),
  ).toEqual(expected);
});
