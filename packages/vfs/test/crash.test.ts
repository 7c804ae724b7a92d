// What a crash leaves, case by case.

import { BadLine, CrashFileSystem, crashAt, crashes, profiles } from "@pagelapse/vfs/crash";
import type { ProfileName } from "@pagelapse/vfs/crash";
import { MemoryFileSystem, O_APPEND, O_RDWR, isFailure, kernelBuffer, filpOpen, readFile, vfsWrite } from "@pagelapse/vfs";
import { describe, expect, test } from "vitest";
import { quietVfs, ran, run, seen, sights, tiny } from "./crash-world.ts";

/** What a workload can leave under a profile, without tears; `|` between. */
function left(workload: string, profile: ProfileName): string {
  return sights(ran(workload, { profile, ...tiny }), { tearing: "none" }).join(" | ");
}

describe.each<[string, string, Partial<Record<ProfileName, string>>]>([
  [
    "a new file is not there, or empty, or has its size before its bytes",
    "append /a x",
    { strict: "a= | a=x | nothing", ordered: "a= | a=x | nothing", posix: "a= | a=. | a=x | nothing" },
  ],
  [
    "what was not written may be anything",
    "append /a x",
    { "posix+garbage": "a= | a=. | a=x | a=Û | nothing", hostile: "a= | a=. | a=x | a=Û | nothing" },
  ],
  [
    "fsync of a file does not write its name, but where names are in order",
    "append /a x; settle; append /b y; fsync /b; ack it",
    {
      ordered: "a=x | a=x b= | a=x b=y",
      posix: "a=x | a=x b= | a=x b=. | a=x b=y",
    },
  ],
  [
    "fsync of a directory does not write its files",
    "create /a; fsync /; settle; append /a x; fsync /",
    { strict: "a= | a=x", posix: "a= | a=. | a=x" },
  ],
  [
    "a name that is durable leads nowhere in a directory that is not",
    "mkdir /d; append /d/a x; fsync /d/a; fsync /d",
    { ordered: "d/ | d/ d/a= | d/ d/a=x | nothing", posix: "d/ | d/ d/a= | d/ d/a=. | d/ d/a=x | nothing" },
  ],
  [
    "a name that was removed comes back",
    "append /a x; append /b y; settle; unlink /a; unlink /b",
    {
      strict: "a=x b=y | b=y | nothing",
      ordered: "a=x b=y | b=y | nothing",
      posix: "a=x | a=x b=y | b=y | nothing",
    },
  ],
  [
    "a rename is done or not, and comes apart where the disk is hostile",
    "append /a x; append /b y; settle; rename /a /b",
    { strict: "a=x b=y | b=x", posix: "a=x b=y | b=x", hostile: "a(2)=x b(2)=x | a=x | a=x b=y | b=x | b=y | nothing" },
  ],
  [
    "a rename is ordered after the bytes of what it moves, or it is not",
    "append /a x; settle; append /b y; rename /b /a",
    {
      ordered: "a=x | a=x b= | a=x b=y | a=y",
      posix: "a= | a=. | a=x | a=x b= | a=x b=. | a=x b=y | a=y",
    },
  ],
  [
    "a directory under two names is found under one",
    "mkdir /d; append /d/a x; mkdir /e; settle; rename /d /e/d",
    { posix: "d/ d/a=x e/ | e/ e/d/ e/d/a=x", hostile: "d/ d/a=x e/ | e/ | e/ e/d/ e/d/a=x" },
  ],
  [
    "a write over several blocks comes in parts",
    "append /a x*16; settle; write /a y*16 0",
    {
      strict: "a=xxxxxxxxxxxxxxxx | a=yyyyyyyyxxxxxxxx | a=yyyyyyyyyyyyyyyy",
      posix: "a=xxxxxxxxxxxxxxxx | a=xxxxxxxxyyyyyyyy | a=yyyyyyyyxxxxxxxx | a=yyyyyyyyyyyyyyyy",
    },
  ],
  [
    "versions of one block come in order",
    "append /a x; settle; write /a y 0; write /a z 1",
    { posix: "a=x | a=x. | a=y | a=y. | a=yz" },
  ],
  [
    "a file that is cut is old, or has zeros, or is shorter",
    "append /a xyz; settle; cut /a 1",
    { strict: "a=x | a=xyz", posix: "a=x | a=x.. | a=xyz" },
  ],
  [
    "a file that is cut and grows again may show what it was",
    "append /a xyz; settle; cut /a 1; cut /a 2",
    { ordered: "a=x | a=x. | a=x.. | a=xyz", posix: "a=x | a=x. | a=x.. | a=xy | a=xyz" },
  ],
  [
    "a hole that is durable is zeros, one that is not may be anything",
    "cut /a 3; append /a x; cut /a 9; fsync /a; fsync /; settle; cut /a 17",
    { "posix+garbage": "a=x........ | a=x................ | a=x...............Û" },
  ],
  [
    "links and symlinks are names like others",
    "append /a x; settle; link /a /b; symlink a /l",
    { posix: "a(2)=x b(2)=x | a(2)=x b(2)=x l->a | a=x | a=x l->a" },
  ],
  [
    "a second name of one file is no second file with the same bytes",
    "append /a x; append /b x; settle; unlink /b; link /a /b",
    { posix: "a(2)=x b(2)=x | a=x | a=x b=x" },
  ],
  [
    "what has no name is gone, and so is what is below a directory that has none",
    "mkdir /d; append /d/a x; settle; unlink /d/a; rmdir /d",
    { strict: "d/ | d/ d/a=x | nothing", posix: "d/ | d/ d/a=x | nothing" },
  ],
])("%s: %s", (_, workload, expected) => {
  test.each(Object.entries(expected))("under %s it leaves %s", (profile, text) => {
    expect(left(workload, profile as ProfileName)).toBe(text);
  });
});

test("a file grows once, or block by block", () => {
  const workload = "append /a x*12";
  expect(sights(ran(workload, { profile: "strict", ...tiny }))).toEqual(["a=", "a=xxxxxxxxxxxx", "nothing"]);
  expect(sights(ran(workload, { profile: "strict", ...tiny, growth: "block-by-block" }))).toEqual([
    "a=",
    "a=xxxxxxxx",
    "a=xxxxxxxxxxxx",
    "nothing",
  ]);
});

describe("tears", () => {
  const workload = "append /a xxxxxxxx; settle; write /a yyyyyyyy 0";
  test("a block is torn between sectors", () => {
    expect(sights(ran(workload, { profile: "strict", ...tiny }))).toEqual(
      ["xxxxxxxx", "xxxxxxyy", "xxxxyyyy", "yyxxxxxx", "yyxxyyyy", "yyyyxxxx", "yyyyyyyy"].map((text) => `a=${text}`),
    );
  });
  test("or inside one, if asked", () => {
    const two = "append /a xx; settle; write /a yy 0";
    expect(sights(ran(two, { profile: "posix", ...tiny }))).toEqual(["a=xx", "a=yy"]);
    expect(sights(ran(two, { profile: "posix", ...tiny }), { tearing: "bytes" })).toEqual(["a=xx", "a=xy", "a=yx", "a=yy"]);
  });
  test("only what the disk was busy with is torn: in order, that is the last write", () => {
    const blocks = "append /a x*16; settle; write /a yyyy 0; write /a zzzz 8";
    const torn = sights(ran(blocks, { profile: "strict", ...tiny })).filter((sight) => sight.includes("z"));
    expect(torn.every((sight) => sight.startsWith("a=yyyyxxxx"))).toBe(true);
    expect(torn).toHaveLength(3);
  });
  test("torn off may be garbage, where nothing was before", () => {
    const all = sights(ran("append /a xxxx", { profile: "posix+garbage", ...tiny }));
    expect(all).toContain("a=xxÛÛ");
    expect(all).toContain("a=xx..");
  });
});

describe("a recovered file system", () => {
  const source = ran("mkdir /d; append /d/a hello; link /d/a /b; fsync /d/a", { profile: "hostile", ...tiny });

  test("has nothing pending, and its crash is itself", () => {
    for (const crash of crashes(source)) {
      const recovered = crash.recover();
      expect(recovered.pending).toEqual([]);
      expect(sights(recovered)).toEqual([seen(crash.recover())]);
    }
  });
  test("goes on: what is written there is pending in its turn, and nothing changes where it comes from", () => {
    const [first] = crashes(ran("append /a x; settle", { profile: "posix", ...tiny }));
    const recovered = first.recover();
    run(recovered, "write /a y 0; append /b z");
    expect(seen(recovered)).toBe("a=y b=z");
    expect(sights(recovered, { tearing: "none" })).toEqual([
      "a=x",
      "a=x b=",
      "a=x b=.",
      "a=x b=z",
      "a=y",
      "a=y b=",
      "a=y b=.",
      "a=y b=z",
    ]);
    expect(seen(first.recover())).toBe("a=x");
  });
  test("has room for what came back, and gives it back", () => {
    const full = ran("append /a x*20; settle; unlink /a; append /b y*20", {
      profile: "posix",
      ...tiny,
      byteCapacity: 4096,
      inodeCapacity: 2,
    });
    const both = [...crashes(full)].find((crash) => seen(crash.recover()) === `a=${"x".repeat(20)} b=${"y".repeat(20)}`);
    const recovered = both?.recover();
    expect([recovered?.freeBytes, recovered?.freeInodes]).toEqual([0, 0]);
    if (recovered !== undefined) run(recovered, "unlink /a; unlink /b");
    expect([recovered?.freeBytes, recovered?.freeInodes]).toEqual([8192, 2]);
  });
  test("comes out the same though writes are short", () => {
    const short = new CrashFileSystem({ profile: "posix", longestWrite: 3 });
    const vfs = quietVfs(short);
    run(short, "append /a abc; append /a def; fsync /a; fsync /; settle");
    const [crash] = crashes(short);
    expect(seen(crash.recover())).toBe("a=abcdef");
    expect(readFile(vfs, "/a")).toEqual(Uint8Array.from(Buffer.from("abcdef")));
  });
});

describe("a line", () => {
  const workload = "append /a hello; append /b world; ack it; fsync /a; cut /a 2; rename /a /c";
  const options = { profile: "hostile", ...tiny } as const;

  test("finds its crash again in the same workload", () => {
    const [here, there] = [ran(workload, options), ran(workload, options)];
    let count = 0;
    for (const crash of crashes(here, { seed: 3 })) {
      const again = crashAt(there, crash.line);
      expect(again.line).toBe(crash.line);
      expect(again.acknowledged).toEqual(crash.acknowledged);
      expect(seen(again.recover())).toBe(seen(crash.recover()));
      count++;
    }
    expect(count).toBeGreaterThan(200);
  });

  test("says in a few words what reached the disk", () => {
    const lines = Array.from(crashes(ran(workload, options)), ({ line }) => line);
    expect(lines[0]).toBe("crash@0 hostile kept={}");
    expect(lines).toContain("crash@2 hostile kept={1-3} torn=2:0-2+4-6");
    expect(lines).toContain("crash@2 hostile kept={1,3} unwritten=garbage");
  });

  test("that leaves out what another operation needs is refused", () => {
    const fileSystem = ran("append /a x", { profile: "strict", ...tiny });
    expect(() => crashAt(fileSystem, "crash@2 strict kept={1,3}")).toThrow(BadLine);
    expect(seen(crashAt(fileSystem, "crash@2 strict kept={1-3}").recover())).toBe("a=x");
  });

  test.each([
    ["", 0, "crash@ and the number of a crash point", ""],
    ["crash@x hostile kept={}", 0, "crash@ and the number of a crash point", "crash@x"],
    ["crash@99 hostile kept={}", 5, "a crash point below 9", "99"],
    ["crash@2 posix kept={}", 8, "the profile hostile", "posix"],
    ["crash@2 hostile", 15, "kept={...} with numbers and ranges between", ""],
    ["crash@2 hostile kept={1;2}", 16, "kept={...} with numbers and ranges between", "kept={1;2}"],
    ["crash@2 hostile kept={2,1}", 22, "numbers from 1 on that grow, as 1-4,6", "1"],
    ["crash@2 hostile kept={1-}", 22, "numbers from 1 on that grow, as 1-4,6", "1-"],
    ["crash@2 hostile kept={1-99999999}", 22, "numbers from 1 on that grow, as 1-4,6", "1-99999999"],
    ["crash@2 hostile kept={1-4}", 16, "operations that are pending, each with all it depends on", "4"],
    ["crash@2 hostile kept={1-3} torn=1:0-2", 27, "a write on which no other kept depends", "1"],
    ["crash@2 hostile kept={1-3} torn=2:", 27, "torn=, a number and ranges of bytes", "torn=2:"],
    ["crash@2 hostile kept={1-3} torn=2:4", 27, "a range of bytes, as 0-512", "4"],
    ["crash@2 hostile kept={1-3} unwritten=zeros", 27, "unwritten=garbage", "unwritten=zeros"],
    ["crash@2 hostile kept={1-3} unwritten=garbage more", 45, "the end", "more"],
  ])("that is none is refused: %j", (line, offset, expected, found) => {
    const fileSystem = ran(workload, options);
    expect(() => crashAt(fileSystem, line)).toThrow(BadLine);
    expect(() => crashAt(fileSystem, line)).toThrow(expect.objectContaining({ line, offset, expected, found }));
  });
});

describe("when there are too many crashes", () => {
  const letters = Array.from("abcdefghijkl");
  const workload = letters.map((name) => `append /${name} ${name}${name}`).join("; ");
  const options = { profile: "posix", ...tiny } as const;

  test("a sample is taken, which follows from the seed", () => {
    const fileSystem = ran(workload, options);
    const from = fileSystem.points.length - 1;
    const lines = (seed: number): readonly string[] =>
      Array.from(crashes(fileSystem, { cap: 200, seed, from }), ({ line }) => line);
    expect(lines(1)).toEqual(lines(1));
    expect(lines(1)).not.toEqual(lines(2));
    expect(lines(1).length).toBeGreaterThan(100);
    expect(lines(1).length).toBeLessThanOrEqual(200);
  });

  test("what is in order stays in order", () => {
    const fileSystem = ran(workload, { ...options, profile: "strict" });
    const prefixes = letters.map((_, index) => letters.slice(0, index).map((name) => `${name}=${name}${name}`));
    const from = fileSystem.points.length - 1;
    for (const sight of sights(fileSystem, { from, cap: 20 })) {
      const names = sight.split(" ").filter((word) => /^[a-z]=.+$/.test(word));
      expect(prefixes.some((prefix) => prefix.join() === names.join()) || names.length === letters.length).toBe(true);
    }
  });

  test("nothing, everything, everything but one and every prefix are in it", () => {
    const fileSystem = ran(workload, options);
    const from = fileSystem.points.length - 1;
    const found = new Set(Array.from(crashes(fileSystem, { from }), (crash) => seen(crash.recover())));
    const names = (some: readonly string[]): string => some.map((name) => `${name}=${name}${name}`).join(" ") || "nothing";
    for (const [index] of letters.entries()) {
      expect(found).toContain(names(letters.slice(0, index)));
      expect(found).toContain(names(letters.filter((_, other) => other !== index)));
    }
    expect(found).toContain(names(letters));
    expect([...crashes(fileSystem, { from })].some(({ exhaustive }) => exhaustive)).toBe(false);
  });
});

test.each([
  "write /a \0*8 0",
  "append /a x*4; settle; append /a y*9",
  "append /a x; settle; rename /a /b; write /b y 0; cut /b 0",
])("crashes that look the same come once: %j", (workload) => {
  for (const profile of Object.values(profiles)) {
    const fileSystem = ran(workload, { profile, ...tiny });
    expect([...crashes(fileSystem)]).toHaveLength(sights(fileSystem).length);
  }
});

test("a disk that lies loses all, at any time", () => {
  const fileSystem = ran("append /a x; fsync /a; fsync /; ack it", { profile: "lying-fsync", ...tiny });
  expect(sights(fileSystem, { from: fileSystem.points.length - 1 })).toEqual(["a=", "a=.", "a=x", "nothing"]);
});

test("a caller who was told something is another caller: the same image comes again", () => {
  const fileSystem = ran("append /a x; fsync /a; fsync /; settle; ack one; ack two", { profile: "posix", ...tiny });
  expect(Array.from(crashes(fileSystem), ({ acknowledged }) => acknowledged)).toEqual([[], ["one"], ["one", "two"]]);
});

test("an inode without a name is written, and comes back with the name", () => {
  const fileSystem = new CrashFileSystem({ profile: "posix", ...tiny });
  const vfs = quietVfs(fileSystem);
  run(fileSystem, "append /a x; settle");
  const file = filpOpen(vfs, "/a", O_RDWR, 0);
  if (isFailure(file)) throw new Error(file.errno);
  run(fileSystem, "unlink /a");
  vfsWrite(vfs, file, kernelBuffer(Uint8Array.of(0x79)), { position: 0 });
  expect(seen(fileSystem)).toBe("nothing");
  expect(sights(fileSystem)).toEqual(["a=x", "a=y", "nothing"]);
});

test("what is lost passes its order on: what came after it still comes after what came before", () => {
  const fileSystem = ran("settle; append /a x; append /b y; fail /a lost", { profile: "strict", ...tiny });
  expect(sights(fileSystem, { from: fileSystem.points.length - 1 })).toEqual(["a=", "a= b=", "a= b=y", "nothing"]);
});

test("a write below the verbs goes to the end of a file that is open with O_APPEND, on the disk too", () => {
  const fileSystem = ran("append /a xy; settle", { profile: "posix", ...tiny });
  const handle = fileSystem.open(fileSystem.durable.size, O_RDWR | O_APPEND);
  fileSystem.write(handle, 0, Uint8Array.of(0x7a));
  fileSystem.fsync(handle);
  expect(sights(fileSystem, { from: fileSystem.points.length - 1 })).toEqual(["a=xyz"]);
});

test("a hole of a terabyte is no work", () => {
  const fileSystem = ran("append /a x; cut /a 1099511627776", { profile: "hostile" });
  expect([...crashes(fileSystem)].length).toBeGreaterThan(4);
});

test("what cannot be a disk is refused", () => {
  expect(() => new CrashFileSystem({ profile: "posix", blockBytes: 100, sectorBytes: 512 })).toThrow(RangeError);
  expect(() => new CrashFileSystem({ profile: "posix", blockBytes: 8, sectorBytes: 0 })).toThrow(RangeError);
  expect(Object.entries(profiles).filter(([name, profile]) => profile.name !== name)).toEqual([]);
  expect(new MemoryFileSystem()).not.toHaveProperty("failWriteBack");
});
