// Every crash that a workload could have met, each a file system that one can read and go on with.

import { BadLine } from "../bad-line.ts";
import { choicesAt } from "./choices.ts";
import { parseCrash, printCrash } from "./crash-line.ts";
import { CrashFileSystem } from "./crash-file-system.ts";
import { crashImage } from "./crash-image.ts";
import type { Choice } from "./crash-image.ts";
import { pendingAt } from "./disk.ts";
import type { CrashPoint } from "./disk.ts";
import { keepWhere, maximalOf } from "./down-closed.ts";
import { fingerprint } from "./fingerprint.ts";
import { randomFrom } from "./random.ts";
import type { Tearing } from "./tear.ts";

/** How far to look. */
export interface CrashOptions {
  /** The most choices tried at one crash point, 512 unless given; beyond it they are sampled. */
  readonly cap?: number;
  /** What the samples follow from; 1 unless given. */
  readonly seed?: number;
  /** How finely writes tear: `sectors` unless given. */
  readonly tearing?: Tearing;
  /** The first crash point of interest; 0 unless given. */
  readonly from?: number;
}

/** A crash. */
export interface Crash {
  /** By which `crashAt` finds it again, in the same workload under the same options. */
  readonly line: string;
  readonly point: number;
  /** What the caller was told is safe before. */
  readonly acknowledged: readonly string[];
  /** Whether every choice at this crash point is tried, or a sample. */
  readonly exhaustive: boolean;
  /** The file system after a restart: nothing is open or pending, all that is there is durable. A new one each time. */
  readonly recover: () => CrashFileSystem;
}

/**
 * The crashes of what was done to a file system so far, at each crash point in turn. Those that leave the same image for a
 * caller who was told the same come once. The same workload, options and seed give the same crashes.
 */
export function* crashes(fileSystem: CrashFileSystem, options: CrashOptions = {}): Generator<Crash> {
  const { cap = 512, seed = 1, tearing = "sectors", from = 0 } = options;
  const seen = new Set<string>();
  const { points, profile, blockBytes, sectorBytes } = fileSystem;
  for (let index = from; index < points.length; index++) {
    const point = points[index];
    const random = randomFrom(seed + index);
    const { choices, exhaustive } = choicesAt({ point, profile, blockBytes, sectorBytes, cap, tearing, random });
    for (const choice of choices) {
      const key = `${point.acknowledged.length}\n${fingerprint(crashImage(point, choice, fileSystem), blockBytes)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      yield crashOf(fileSystem, index, choice, exhaustive ? "exhaustive" : "sampled");
    }
  }
}

/**
 * The crash of a line. Throws `BadLine` if it is none, or none of this workload: another profile, a crash point or an
 * operation that does not exist, an operation without what it depends on.
 */
export function crashAt(fileSystem: CrashFileSystem, line: string): Crash {
  const { point: index, profile, kept: ids, torn, unwritten } = parseCrash(line);
  const refuse = (word: string, expected: string, found: string): never => {
    throw new BadLine(line, line.indexOf(word), expected, found);
  };
  if (profile !== fileSystem.profile.name) refuse(profile, `the profile ${fileSystem.profile.name}`, profile);
  if (index >= fileSystem.points.length) refuse("@", `a crash point below ${fileSystem.points.length}`, `${index}`);
  const pending = pendingAt(fileSystem.points[index]);
  const wanted = new Set(ids);
  const kept = keepWhere(pending, ({ id }) => wanted.has(id));
  const stray = ids.find((id) => !kept.some((operation) => operation.id === id));
  if (stray !== undefined) refuse("kept", "operations that are pending, each with all it depends on", `${stray}`);
  const victim = torn === undefined ? undefined : maximalOf(kept).find(({ id }) => id === torn.id);
  if (torn !== undefined && victim?.change.kind !== "data")
    refuse("torn", "a write on which no other kept depends", `${torn.id}`);
  return crashOf(fileSystem, index, { kept, torn, unwritten }, "exhaustive");
}

function crashOf(fileSystem: CrashFileSystem, index: number, choice: Choice, extent: "exhaustive" | "sampled"): Crash {
  const point: CrashPoint = fileSystem.points[index];
  const kept = choice.kept.map(({ id }) => id);
  return {
    line: printCrash({ ...choice, point: index, profile: fileSystem.profile.name, kept }),
    point: index,
    acknowledged: point.acknowledged,
    exhaustive: extent === "exhaustive",
    recover: () => CrashFileSystem.on(crashImage(point, choice, fileSystem), fileSystem.options),
  };
}
