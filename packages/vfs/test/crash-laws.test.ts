// What holds of every crash of every workload; and a crash model with a bug is found out.

import { isFailure, lstat, mkdir, readFile, readdir, rmdir, unlink } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import { CrashFileSystem, crashAt, crashes, profiles } from "@pagelapse/vfs/crash";
import type { Crash, CrashFileSystemOptions, CrashOptions, Profile, ProfileName } from "@pagelapse/vfs/crash";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Promises } from "./crash-promises.ts";
import { quietVfs, ran, run, seen, sights, tiny } from "./crash-world.ts";

const names = ["a", "b"];
const file = fc.constantFrom("/a", "/b", "/d/a", "/d/b");
const any = fc.oneof({ weight: 5, arbitrary: file }, { weight: 1, arbitrary: fc.constantFrom("/d", "/e") });
const place = fc.constantFrom(0, 1, 6, 8, 15);
const length = fc.constantFrom(1, 3, 8, 11);

/** Steps of a workload; each gets a letter that no other writes. */
const step: fc.Arbitrary<(letter: string) => string> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(file, length).map(
      ([path, n]) =>
        (x: string) =>
          `append ${path} ${x}*${n}`,
    ),
  },
  { weight: 2, arbitrary: file.map((path) => () => `cut ${path} 1; cut ${path} 15; fsync ${path}`) },
  {
    weight: 3,
    arbitrary: fc.tuple(file, length, place).map(
      ([path, n, at]) =>
        (x: string) =>
          `write ${path} ${x}*${n} ${at}`,
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(file, place).map(
      ([path, size]) =>
        () =>
          `cut ${path} ${size}`,
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(any, any).map(
      ([from, to]) =>
        () =>
          `rename ${from} ${to}`,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(file, file).map(
      ([from, to]) =>
        () =>
          `link ${from} ${to}`,
    ),
  },
  { weight: 2, arbitrary: file.map((path) => () => `unlink ${path}`) },
  { weight: 1, arbitrary: fc.constantFrom("rmdir /d", "mkdir /d", "mkdir /e").map((text) => () => text) },
  { weight: 5, arbitrary: file.map((path) => () => `fsync ${path}`) },
  { weight: 4, arbitrary: fc.constantFrom("fsync /", "fsync /d").map((text) => () => text) },
  {
    weight: 1,
    arbitrary: fc.tuple(file, fc.constantFrom("clean", "lost")).map(
      ([path, way]) =>
        () =>
          `fail ${path} ${way}`,
    ),
  },
);

/** Workloads that begin with a directory, and write a letter once. */
const workloads = (maxLength: number): fc.Arbitrary<readonly string[]> =>
  fc
    .array(step, { minLength: 1, maxLength, size: "max" })
    .map((steps) => ["mkdir /d", ...steps.flatMap((make, index) => make(String.fromCharCode(0x41 + index)).split("; "))]);

/** What is put to the laws. */
interface Subject {
  readonly make: (options: CrashFileSystemOptions) => CrashFileSystem;
  readonly crashes: (fileSystem: CrashFileSystem, options: CrashOptions) => Iterable<Crash>;
}
const ours: Subject = { make: (options) => new CrashFileSystem(options), crashes };

const metCounts = { workloads: 0, crashes: 0, promises: 0, garbage: 0 };

/** The law that a workload breaks, and the crash; or nothing. Crashes during the first `calm` steps are passed over. */
function brokenLaw(subject: Subject, profile: ProfileName | Profile, workload: readonly string[], calm = 0): string | undefined {
  const fileSystem = subject.make({ profile, ...tiny });
  const promises = new Promises(fileSystem, names);
  metCounts.workloads++;
  for (const [index, line] of workload.entries()) {
    promises.before(line);
    run(fileSystem, line);
    promises.after(line);
    if (index < calm) continue;
    const broken = lawBrokenAfter(subject, fileSystem, promises);
    if (broken !== undefined) return `${broken} after ${line}`;
  }
  return undefined;
}

function lawBrokenAfter(subject: Subject, fileSystem: CrashFileSystem, promises: Promises): string | undefined {
  const { profile, points, pending, options } = fileSystem;
  const found = new Set<string>();
  const from = points.length - 1;
  for (const crash of subject.crashes(fileSystem, { from, cap: 60 })) {
    const recovered = crash.recover();
    const sight = seen(recovered);
    found.add(sight);
    metCounts.crashes++;
    if (recovered.pending.length > 0 || sights(recovered).join() !== sight) return `a crash is idempotent: ${crash.line}`;
    const stray = promises.strayByte(recovered, profile.unwritten === "zeros" ? "refused" : "allowed");
    if (stray !== undefined) return `no byte was never written: ${crash.line}: ${stray}`;
    const lost = promises.lost(recovered);
    if (profile.name !== "lying-fsync" && lost !== undefined) return `what is synced survives: ${crash.line}: ${lost}`;
    metCounts.promises += promises.count;
    if (sight.includes("Û")) metCounts.garbage++;
  }
  const whole = crashAt(fileSystem, `crash@${from} ${profile.name} kept={${pending.map(({ id }) => id).join(",")}}`);
  if (seen(whole.recover()) !== seen(fileSystem)) return "live is durable with all pending done";
  if (!found.has(seen(fileSystem))) return "live is a crash";
  return found.has(seen(CrashFileSystem.on(fileSystem.durable, options))) ? undefined : "durable is a crash";
}

test.each(Object.keys(profiles) as ProfileName[])("%s keeps the laws", (profile) => {
  fc.assert(
    fc.property(workloads(12), (workload) => {
      expect(brokenLaw(ours, profile, workload)).toBeUndefined();
    }),
    { numRuns: 25 },
  );
});

test("the laws had something to say", () => {
  expect(metCounts.crashes).toBeGreaterThan(4000);
  expect(metCounts.promises).toBeGreaterThan(4000);
  expect(metCounts.garbage).toBeGreaterThan(200);
});

test("every two calls keep the laws", () => {
  const paths = ["/a", "/d/a"];
  const calls = [
    ...paths.flatMap((path) => [
      `create ${path}`,
      `append ${path} X*9`,
      `write ${path} X*3 1`,
      `cut ${path} 1`,
      `unlink ${path}`,
    ]),
    ...["rename", "link"].flatMap((verb) => [`${verb} /a /d/a`, `${verb} /d/a /a`, `${verb} /a /b`]),
    ...["/a", "/d/a", "/", "/d"].map((path) => `fsync ${path}`),
  ];
  const pairs = calls.flatMap((first) => calls.map((second) => [first, second.replaceAll("X", "Z")]));
  for (const pair of pairs) {
    const before = ["mkdir /d", "append /a A*5", "append /d/a B*5", "fsync /a", "fsync /d/a", "fsync /", "fsync /d"];
    expect(brokenLaw(ours, "posix", [...before, ...pair], before.length)).toBeUndefined();
  }
});

describe("a stricter profile leaves nothing that a laxer one does not", () => {
  const chain = ["strict", "ordered", "posix", "posix+garbage", "hostile"] as const;
  const limits = { cap: 2000 } as const;

  /** The first image of one profile that the next does not have, at any point; or how many images were compared. */
  function excess(workload: readonly string[], make: (profile: ProfileName) => CrashFileSystem): string | number {
    const all = chain.map((profile) => {
      const fileSystem = make(profile);
      for (const line of workload) run(fileSystem, line);
      const from = fileSystem.points.length - 1;
      return { profile, images: new Set(sights(fileSystem, { ...limits, from })), exhaustive: isExhaustive(fileSystem) };
    });
    let compared = 0;
    for (const [index, { profile, images }] of all.slice(0, -1).entries()) {
      const laxer = all[index + 1];
      if (!laxer.exhaustive) break;
      compared += images.size;
      for (const sight of images) if (!laxer.images.has(sight)) return `${profile} leaves ${sight}, ${laxer.profile} does not`;
    }
    return compared;
  }
  const isExhaustive = (fileSystem: CrashFileSystem): boolean =>
    [...crashes(fileSystem, { ...limits, from: fileSystem.points.length - 1 })].every(({ exhaustive }) => exhaustive);

  test("strict, ordered, posix, posix+garbage, hostile", () => {
    let compared = 0;
    fc.assert(
      fc.property(workloads(5), (workload) => {
        const result = excess(workload, (profile) => new CrashFileSystem({ profile, ...tiny }));
        expect(result).toBeTypeOf("number");
        compared += Number(result);
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  test.each<[string, Partial<Profile>]>([
    ["posix writes names in order", { after: profiles.ordered.after, fsync: profiles.posix.fsync }],
    [
      "posix never parts size and bytes",
      { after: (change, pending) => (change.kind === "size" ? pending : profiles.posix.after(change, pending)) },
    ],
    ["posix syncs everything", { fsync: profiles.strict.fsync }],
  ])("found out: %s", (_, change) => {
    const details = fc.check(
      fc.property(workloads(6), (workload) => {
        const strict = (profile: ProfileName): CrashFileSystem =>
          new CrashFileSystem({
            profile: profile === "ordered" ? profiles.posix : profile === "posix" ? { ...profiles.posix, ...change } : profile,
            ...tiny,
          });
        return typeof excess(workload, strict) === "number";
      }),
      { numRuns: 300, seed: 5, endOnFailure: true },
    );
    expect(details.failed).toBe(true);
  });
});

test("space comes back: after a crash and a recovery, removing all there is frees all there is", () => {
  const limits = { profile: "hostile", byteCapacity: 2 * 4096, inodeCapacity: 4 } as const;
  let grown = 0;
  fc.assert(
    fc.property(workloads(15), (workload) => {
      const fileSystem = ran(
        ["mkdir /d; append /a x; append /b y; settle; unlink /a; append /d/a z", ...workload].join("; "),
        limits,
      );
      for (const crash of crashes(fileSystem, { cap: 12 })) {
        const recovered = crash.recover();
        const { byteCapacity = 0, inodeCapacity = 0 } = recovered.options;
        removeAll(quietVfs(recovered), "");
        expect([recovered.freeBytes, recovered.freeInodes]).toEqual([byteCapacity, inodeCapacity - 1]);
        if (byteCapacity > limits.byteCapacity || inodeCapacity > limits.inodeCapacity) grown++;
        recovered.settle();
        expect(sights(recovered)).toEqual(["nothing"]);
      }
    }),
    { numRuns: 60 },
  );
  expect(grown).toBeGreaterThan(10);
});

function removeAll(vfs: Vfs, directory: string): void {
  const entries = readdir(vfs, `${directory}/`);
  if (isFailure(entries)) throw new Error(entries.errno);
  for (const { name, kind } of entries) {
    const path = `${directory}/${name}`;
    if (kind === "directory") removeAll(vfs, path);
    expect(kind === "directory" ? rmdir(vfs, path) : unlink(vfs, path)).toBeUndefined();
  }
}

/** A bug in the crash model. */
const broken: Readonly<Record<string, Subject | Partial<Profile>>> = {
  "fsync writes nothing": { fsync: () => [] },
  "fsync of a file forgets its size": withoutFsyncOf((kind) => kind === "size"),
  "fsync of a file forgets its bytes": withoutFsyncOf((kind) => kind === "data"),
  "fsync of a file forgets what was cut off": withoutFsyncOf((kind) => kind === "drop"),
  "fsync of a directory forgets names that went": {
    fsync: (inode, pending) =>
      profiles.posix
        .fsync(inode, pending)
        .filter(({ change }) => change.kind !== "names" || change.entries.every((entry) => entry.inode !== undefined)),
  },
  "fsync of a directory forgets names that came from another": {
    fsync: (inode, pending) =>
      profiles.posix
        .fsync(inode, pending)
        .filter(({ change }) => change.kind !== "names" || change.entries[0].directory === inode),
  },
  "a crash before anything arrives is forgotten": onlyCrashes((crash) => !crash.line.includes("kept={}")),
  "a crash after everything arrived is forgotten": onlyCrashes((crash, last) => !crash.line.includes(`${last}}`)),
  "a recovered file system has something pending": recovering((recovered) => void mkdir(quietVfs(recovered), "/e", 0o755)),
  "a crash damages a byte": recovering((recovered) => {
    run(recovered, "write /a ~ 0; settle");
  }),
  "a crash gives one file the bytes of another": recovering((recovered) => {
    const bytes = readFile(quietVfs(recovered), "/b");
    if (!isFailure(bytes) && bytes[0] > 0x40 && !isFailure(lstat(quietVfs(recovered), "/a")))
      run(recovered, `append /a ${String.fromCharCode(bytes[0])}; settle`);
  }),
  "writes do not become pending": {
    ...ours,
    make: (options) =>
      new (class extends CrashFileSystem {
        override write(handle: number, position: number, source: Uint8Array): number | { errno: "EIO" } {
          const result = super.write(handle, position, source);
          this.failWriteBack(handle, "clean");
          return typeof result === "number" ? result : { errno: "EIO" };
        }
      })(options),
  },
};

test.each(Object.entries(broken))("found out: %s", (name, change) => {
  const subject = "make" in change ? change : ours;
  const profile = "make" in change ? "posix" : { ...profiles.posix, ...change };
  const details = fc.check(
    fc.property(workloads(12), (workload) => brokenLaw(subject, profile, workload) === undefined),
    { numRuns: 300, seed: 7, endOnFailure: true },
  );
  expect(details.failed, name).toBe(true);
});

function withoutFsyncOf(left: (kind: string) => boolean): Partial<Profile> {
  return { fsync: (inode, pending) => profiles.posix.fsync(inode, pending).filter(({ change }) => !left(change.kind)) };
}

function onlyCrashes(wanted: (crash: Crash, lastId: number) => boolean): Subject {
  return {
    ...ours,
    crashes: (fileSystem, options) =>
      [...crashes(fileSystem, options)].filter((crash) => wanted(crash, fileSystem.pending.at(-1)?.id ?? 0)),
  };
}

function recovering(spoil: (recovered: CrashFileSystem) => void): Subject {
  return {
    ...ours,
    crashes: (fileSystem, options) =>
      Array.from(crashes(fileSystem, options), (crash) => ({
        ...crash,
        recover: () => {
          const recovered = crash.recover();
          spoil(recovered);
          return recovered;
        },
      })),
  };
}
