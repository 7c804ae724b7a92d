// A file system in which calls fail as a plan says: what each fault does, and plans as text.

import {
  MemoryFileSystem,
  O_APPEND,
  O_CREAT,
  O_RDWR,
  filpClose,
  filpOpen,
  isFailure,
  kernelBuffer,
  lstat,
  pread,
  vfsFsync,
  vfsWrite,
} from "@pagelapse/vfs";
import type { FileSystem } from "@pagelapse/vfs";
import { CrashFileSystem } from "@pagelapse/vfs/crash";
import { BadLine, FaultyFileSystem, commonFaults, parseFaultPlan, printFaultPlan, singleFaultPlans } from "@pagelapse/vfs/faults";
import type { Call, FaultEffect, FaultPlan } from "@pagelapse/vfs/faults";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quietVfs, run, seen, sights, tiny } from "./crash-world.ts";
import { bytesOf } from "./notation.ts";

/** Every call once, on `d`, `a` and `l`; what each says, as a word. */
function everyCall(fileSystem: FileSystem): Readonly<Record<Call, string>> {
  const { root } = fileSystem;
  const word = (result: unknown): string => (isFailure(result) ? result.errno : typeof result === "number" ? "n" : "ok");
  const inode = (name: string): number => Number(fileSystem.lookup(root, name));
  const [a, l] = [inode("a"), inode("l")];
  const opened = fileSystem.open(a, O_RDWR);
  const handle = isFailure(opened) ? 0 : opened;
  const bytes = new Uint8Array(4);
  return {
    lookup: word(fileSystem.lookup(root, "d")),
    getattr: word(fileSystem.getattr(a)),
    readlink: word(fileSystem.readlink(l)),
    readdir: word(fileSystem.readdir(root)),
    create: word(fileSystem.create(root, "c", 0o644, O_RDWR)),
    mkdir: word(fileSystem.mkdir(root, "e", 0o755)),
    symlink: word(fileSystem.symlink(root, "s", "a")),
    link: word(fileSystem.link(a, root, "b")),
    unlink: word(fileSystem.unlink(root, "l")),
    rmdir: word(fileSystem.rmdir(root, "d")),
    rename: word(fileSystem.rename(root, "old", root, "new")),
    open: word(opened),
    read: word(fileSystem.read(handle, 0, bytes)),
    write: word(fileSystem.write(handle, 0, bytesOf("wxyz"))),
    truncate: word(fileSystem.truncate(handle, 2)),
    fsync: word(fileSystem.fsync(handle)),
    close: word(fileSystem.close(handle)),
  };
}
const before = "mkdir /d; append /a abc; symlink a /l; append /old o; settle";
/** The order in which `everyCall` makes its calls: two look-ups and an open, and then as they stand in it. */
const order: readonly Call[] = [
  "lookup",
  "lookup",
  "open",
  "lookup",
  "getattr",
  "readlink",
  "readdir",
  "create",
  "mkdir",
  "symlink",
  "link",
  "unlink",
  "rmdir",
  "rename",
  "read",
  "write",
  "truncate",
  "fsync",
  "close",
];

interface Tried {
  readonly says: Readonly<Record<Call, string>>;
  readonly left: string;
  readonly calls: readonly Call[];
}
function tried(plan: FaultPlan): Tried {
  const disk = new CrashFileSystem({ profile: "posix", ...tiny });
  run(disk, before);
  const faulty = new FaultyFileSystem(disk, plan);
  const says = everyCall(faulty);
  return { says, left: seen(disk), calls: faulty.calls };
}
const calm = tried([]);

test("without a fault every call is passed on, and counted", () => {
  expect(calm.calls).toEqual(order);
  expect(calm.left).toBe("a(2)=wx b(2)=wx c= e/ new=o s->a");
  expect(new Set(Object.values(calm.says))).toEqual(new Set(["ok", "n"]));
});

// The first three find what the others need; close and open are told apart below.
const changing = order.map((call, index) => [index + 1, call] as const).slice(3);
const changes: Partial<Record<Call, string>> = {
  create: "a(2)=wx b(2)=wx e/ new=o s->a",
  mkdir: "a(2)=wx b(2)=wx c= new=o s->a",
  symlink: "a(2)=wx b(2)=wx c= e/ new=o",
  link: "a=wx c= e/ new=o s->a",
  unlink: "a(2)=wx b(2)=wx c= e/ l->a new=o s->a",
  rmdir: "a(2)=wx b(2)=wx c= d/ e/ new=o s->a",
  rename: "a(2)=wx b(2)=wx c= e/ old=o s->a",
  write: "a(2)=ab b(2)=ab c= e/ new=o s->a",
  truncate: "a(2)=wxyz b(2)=wxyz c= e/ new=o s->a",
};
const words = (effect: FaultEffect): FaultPlan => [{ call: 1, repeat: "once", effect }];

test.each(changing)("call %i, %s, is refused: it fails, and nothing is done", (number, call) => {
  const { says, left } = tried([{ ...words({ kind: "refused", errno: "EIO" })[0], call: number }]);
  expect(says).toEqual({ ...calm.says, [call]: "EIO" });
  expect(left).toBe(changes[call] ?? calm.left);
});

test.each(changing.filter(([, call]) => !["lookup", "getattr", "readlink", "readdir", "read"].includes(call)))(
  "call %i, %s, is done: it fails, and all is done",
  (number, call) => {
    const { says, left } = tried([{ ...words({ kind: "done", errno: "EIO" })[0], call: number }]);
    expect(says).toEqual({ ...calm.says, [call]: "EIO" });
    expect(left).toBe(calm.left);
  },
);

test("a fault passes over calls to which it cannot happen", () => {
  for (const text of ["4 short 0", "4 ENOSPC", "4 EIO lost", "4 EIO done", "18 short 1"])
    expect(tried(parseFaultPlan(text)).says).toEqual(calm.says);
  const full = tried(parseFaultPlan("1.. ENOSPC")).says;
  const refused = Object.entries(full).filter(([, word]) => word === "ENOSPC");
  expect(refused.map(([call]) => call)).toEqual([
    "create",
    "mkdir",
    "symlink",
    "link",
    "rename",
    "write",
    "truncate",
    "fsync",
    "close",
  ]);
});

test("the first of two faults happens to a call, and each happens once", () => {
  const { says } = tried(parseFaultPlan("5 EIO; 5 EINTR; 6.. EMFILE; 7 ENOMEM"));
  expect([says.getattr, says.readlink, says.readdir, says.create, says.mkdir]).toEqual(["EIO", "ok", "ENOMEM", "EMFILE", "ok"]);
});

test("a file whose creation fails though done is closed", () => {
  const memory = new MemoryFileSystem({ inodeCapacity: 2 });
  const vfs = quietVfs(new FaultyFileSystem(memory, parseFaultPlan("3 EIO done")));
  expect(filpOpen(vfs, "/a", O_RDWR | O_CREAT, 0o644)).toEqual({ errno: "EIO" });
  expect(lstat(quietVfs(memory), "/a")).toMatchObject({ kind: "file" });
  memory.unlink(1, "a");
  expect(memory.freeInodes).toBe(1);
});

test("a close that fails has closed", () => {
  const memory = new MemoryFileSystem({ inodeCapacity: 2 });
  const vfs = quietVfs(new FaultyFileSystem(memory, parseFaultPlan("4 ENOSPC")));
  const file = filpOpen(vfs, "/a", O_RDWR | O_CREAT, 0o644);
  if (isFailure(file)) throw new Error(file.errno);
  expect(filpClose(vfs, file)).toEqual({ errno: "ENOSPC" });
  memory.unlink(1, "a");
  expect(memory.freeInodes).toBe(1);
});

test.each([
  ["4 short 3", "abc", 3],
  ["4 short 0", "", 0],
  ["4 short 9", "abcdef", 6],
])("a write with %s takes no more", (plan, text, count) => {
  const memory = new MemoryFileSystem();
  const vfs = quietVfs(new FaultyFileSystem(memory, parseFaultPlan(plan)));
  const file = filpOpen(vfs, "/a", O_RDWR | O_CREAT, 0o644);
  if (isFailure(file)) throw new Error(file.errno);
  expect(vfsWrite(vfs, file, kernelBuffer(bytesOf("abcdef")))).toBe(count);
  expect(seen(memory)).toBe(`a=${text}`);
});

test("a read with `short` gives no more", () => {
  const memory = new MemoryFileSystem();
  const vfs = quietVfs(new FaultyFileSystem(memory, parseFaultPlan("5 short 2; 6 short 0")));
  const file = filpOpen(vfs, "/a", O_RDWR | O_CREAT, 0o644);
  if (isFailure(file)) throw new Error(file.errno);
  vfsWrite(vfs, file, kernelBuffer(bytesOf("abcdef")));
  const bytes = new Uint8Array(6);
  expect([0, 1, 2].map(() => pread(vfs, file, kernelBuffer(bytes), 0))).toEqual([2, 0, 6]);
});

/** What an fsync says that fails, what stands there then, what a crash leaves of that, and what after another fsync, which succeeds. */
describe.each([
  ["EIO", "a=oldnew", "a=old | a=old... | a=oldnew", "a=oldnew"],
  ["EIO done", "a=oldnew", "a=oldnew", "a=oldnew"],
  ["EIO clean", "a=oldnew", "a=old | a=old... | a=oldnew", "a=old... | a=oldnew"],
  ["EIO lost", "a=old", "a=old", "a=old"],
])("an fsync that fails with %s", (words, live, afterOne, afterTwo) => {
  const disk = new CrashFileSystem({ profile: "posix", ...tiny });
  run(disk, "append /a old; settle");
  const left = (): string => sights(disk, { from: disk.points.length - 1, tearing: "none" }).join(" | ");

  test(`leaves ${live}, and of a crash ${afterOne}; and after an fsync that succeeds ${afterTwo}`, () => {
    const vfs = quietVfs(new FaultyFileSystem(disk, parseFaultPlan(`7 ${words}`)));
    const file = filpOpen(vfs, "/a", O_RDWR | O_APPEND, 0);
    if (isFailure(file)) throw new Error(file.errno);
    vfsWrite(vfs, file, kernelBuffer(bytesOf("new")));
    expect(vfsFsync(vfs, file)).toEqual({ errno: "EIO" });
    expect([seen(disk), left()]).toEqual([live, afterOne]);
    expect(vfsFsync(vfs, file)).toBeUndefined();
    expect([seen(disk), left()]).toEqual([live, afterTwo]);
    filpClose(vfs, file);
  });
});

test("what is written again after a failed fsync is durable, and the page with it", () => {
  const disk = new CrashFileSystem({ profile: "posix", ...tiny });
  run(disk, "append /a ab; settle; write /a x 0");
  const inode = Number(disk.lookup(disk.root, "a"));
  const handle = disk.open(inode, O_RDWR);
  disk.failWriteBack(handle, "clean");
  disk.fsync(handle);
  expect(sights(disk, { from: disk.points.length - 1 })).toEqual(["a=ab", "a=xb"]);
  disk.write(handle, 1, bytesOf("y"));
  disk.fsync(handle);
  expect(sights(disk, { from: disk.points.length - 1 })).toEqual(["a=xy"]);
  expect(disk.pending).toEqual([]);
});

test("a directory has no bytes to lose", () => {
  const disk = new CrashFileSystem({ profile: "posix", ...tiny });
  run(disk, "append /a ab");
  disk.failWriteBack(disk.open(disk.root, 0), "lost");
  expect(seen(disk)).toBe("a=ab");
});

describe("a plan", () => {
  const errno = fc.constantFrom("EIO" as const, "ENOSPC" as const, "EINTR" as const);
  const effect: fc.Arbitrary<FaultEffect> = fc.oneof(
    fc.record({ kind: fc.constantFrom("refused" as const, "done" as const, "lost" as const, "clean" as const), errno }),
    fc.record({ kind: fc.constant("short" as const), byteCount: fc.nat() }),
  );
  const plans = fc.array(
    fc.record({ call: fc.integer({ min: 1 }), repeat: fc.constantFrom("once" as const, "from-then-on" as const), effect }),
    { maxLength: 4, size: "max" },
  );

  test("is one line, and comes back from it", () => {
    expect(printFaultPlan(parseFaultPlan("7 EIO lost;12.. ENOSPC;  15 short 1"))).toBe("7 EIO lost; 12.. ENOSPC; 15 short 1");
    fc.assert(
      fc.property(plans, (plan) => {
        expect(parseFaultPlan(printFaultPlan(plan))).toEqual(plan);
      }),
    );
  });

  test.each([
    ["", 0, "the number of a call, as 7 or 7..", ""],
    ["0 EIO", 0, "the number of a call, as 7 or 7..", "0"],
    ["7", 1, "an errno or `short`", ""],
    ["7 EGG", 2, "an errno or `short`", "EGG"],
    ["7 EIO; 9. EIO", 7, "the number of a call, as 7 or 7..", "9."],
    ["7 EIO gone", 6, "`done`, `lost`, `clean` or the end", "gone"],
    ["7 EIO done now", 11, "; or the end", "now"],
    ["7 short", 7, "a number of bytes", ""],
    ["7 short -1", 8, "a number of bytes", "-1"],
    ["7 EIO;", 6, "the number of a call, as 7 or 7..", ""],
  ])("that is none is refused: %j", (line, offset, expected, found) => {
    expect(() => parseFaultPlan(line)).toThrow(BadLine);
    expect(() => parseFaultPlan(line)).toThrow(expect.objectContaining({ line, offset, expected, found }));
  });

  test("is made for each call and each way in which it can fail, once and from then on", () => {
    const list = [...singleFaultPlans(["lookup", "write", "fsync"])].map(printFaultPlan);
    expect(list.filter((text) => !text.includes(".."))).toEqual([
      "1 EIO",
      "1 EINTR",
      "2 EIO",
      "2 EIO done",
      "2 ENOSPC",
      "2 EINTR",
      "2 short 0",
      "2 short 1",
      "3 EIO",
      "3 EIO done",
      "3 ENOSPC",
      "3 EINTR",
      "3 EIO lost",
      "3 EIO clean",
    ]);
    expect(list).toHaveLength(28);
    expect(commonFaults).toHaveLength(8);
  });

  test("that loses what fsync was to write needs a file system that knows what its disk has", () => {
    expect(() => new FaultyFileSystem(new MemoryFileSystem(), parseFaultPlan("1 EIO lost"))).toThrow(RangeError);
    expect(() => new FaultyFileSystem(new MemoryFileSystem(), parseFaultPlan("1 EIO clean"))).toThrow(RangeError);
  });
});

test("another plan counts calls anew, and one that cannot be is refused and leaves the old one", () => {
  const fileSystem = new FaultyFileSystem(new MemoryFileSystem(), parseFaultPlan("1 EIO"));
  const look = (): unknown => fileSystem.getattr(fileSystem.root);
  expect([isFailure(look()), isFailure(look())]).toEqual([true, false]);
  fileSystem.follow(parseFaultPlan("2 EIO"));
  expect(fileSystem.calls).toEqual([]);
  expect(() => fileSystem.follow(parseFaultPlan("1 EIO lost"))).toThrow("failWriteBack");
  expect([isFailure(look()), isFailure(look()), isFailure(look())]).toEqual([false, true, false]);
  expect(fileSystem.calls.length).toBe(3);
});
