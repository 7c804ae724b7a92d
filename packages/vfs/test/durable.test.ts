// Whole files, written over a file system that fails at every place it can.

import {
  MemoryFileSystem,
  chdir,
  createVfs,
  filpClose,
  filpOpen,
  fstat,
  ftruncate,
  isFailure,
  kernelBuffer,
  link,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  rmdir,
  stat,
  symlink,
  unlink,
  vfsFsync,
  vfsRead,
  vfsRename,
  vfsWrite,
  writeFileDurably,
} from "@pagelapse/vfs";
import type { DurabilityFailure, Failure, FileOperation, OpenFile, Verb, Vfs } from "@pagelapse/vfs";
import { FaultyFileSystem, parseFaultPlan, printFaultPlan, singleFaultPlans } from "@pagelapse/vfs/faults";
import type { Call, FaultPlan } from "@pagelapse/vfs/faults";
import { expect, test } from "vitest";

const text = (result: Uint8Array | Failure): string => (isFailure(result) ? result.errno : new TextDecoder().decode(result));
const bytes = (letters: string): Uint8Array => new TextEncoder().encode(letters);

interface Run {
  readonly result: DurabilityFailure | undefined;
  readonly vfs: Vfs;
  readonly calls: readonly Call[];
}
function writeOver(plan: FaultPlan): Run {
  const inner = new MemoryFileSystem({ longestWrite: 4 });
  const calm = createVfs({ fileSystem: inner });
  mkdir(calm, "/d", 0o755);
  writeFileDurably(calm, "/d/x", bytes("old"));
  const faulty = new FaultyFileSystem(inner, plan);
  const vfs = createVfs({ fileSystem: faulty });
  const result = writeFileDurably(vfs, "/d/x", bytes("the new bytes"));
  expect(vfs.openFiles.size).toBe(0);
  return { result, vfs: calm, calls: faulty.calls };
}

const { calls: order } = writeOver([]);

test("it is: create, write until all is taken, fsync, close, rename, and fsync of the directory", () => {
  const changing = order.filter((call) => call !== "lookup" && call !== "getattr");
  expect(changing.join(" ")).toBe("create write write write write fsync close rename open fsync close");
});

const effects = [
  { kind: "refused", errno: "EIO" },
  { kind: "done", errno: "EIO" },
  { kind: "short", byteCount: 0 },
] as const;
const faults = [...singleFaultPlans(order, effects)]
  .filter(([fault]) => fault.repeat === "once")
  .map((plan): [string, Call, FaultPlan] => [printFaultPlan(plan), order[plan[0].call - 1], plan]);

test.each(faults)("with %s, a %s, the name shows the old file or the whole new one", (_, call, plan) => {
  const { result, vfs } = writeOver(plan);
  const shown = text(readFile(vfs, "/d/x"));
  expect(result?.errno).toBe("EIO");
  expect(result?.outcome === "failed" ? ["old"] : ["old", "the new bytes"]).toContain(shown);
  const afterwards = readdir(vfs, "/d");
  const left = isFailure(afterwards) ? afterwards.errno : afterwards.map((entry) => entry.name);
  // A create that was done and refused leaves a file that nobody was told of.
  expect(left).toEqual(call === "create" && plan[0].effect.kind === "done" ? [".tmp-0", "x"] : ["x"]);
});

test("a rename that is refused for good has failed; one with EIO may have happened", () => {
  const call = order.indexOf("rename") + 1;
  expect(writeOver(parseFaultPlan(`${call} ENOSPC`)).result).toEqual({ errno: "ENOSPC", outcome: "failed" });
  expect(writeOver(parseFaultPlan(`${call} EIO`)).result).toEqual({ errno: "EIO", outcome: "indeterminate" });
});

test.each([
  ["no space", new MemoryFileSystem({ byteCapacity: 4096 }), "ENOSPC"],
  ["no inode", new MemoryFileSystem({ inodeCapacity: 1 }), "ENOSPC"],
])("%s: nothing is left behind", (_, fileSystem, errno) => {
  const vfs = createVfs({ fileSystem });
  expect(writeFileDurably(vfs, "x", new Uint8Array(5000))).toEqual({ errno, outcome: "failed" });
  expect(readdir(vfs, "/")).toEqual([]);
});

test.each([
  ["/none/x", "ENOENT"],
  ["/d", "EISDIR"],
  ["/d/x/", "ENOENT"],
  ["/.", "EBUSY"],
  ["", "ENOENT"],
])("a name that cannot be written, %j, is refused and nothing is left", (path, errno) => {
  const vfs = createVfs({ fileSystem: new MemoryFileSystem() });
  mkdir(vfs, "/d", 0o755);
  expect(writeFileDurably(vfs, path, bytes("x"))).toEqual({ errno, outcome: "failed" });
  expect(readdir(vfs, "/")).toEqual([{ name: "d", kind: "directory" }]);
  expect(readdir(vfs, "/d")).toEqual([]);
});

test("a temporary that a crash left is passed over, and a symlink at the name is replaced", () => {
  const vfs = createVfs({ fileSystem: new MemoryFileSystem() });
  symlink(vfs, "elsewhere", "/.tmp-0");
  symlink(vfs, "elsewhere", "/x");
  expect(writeFileDurably(vfs, "/x", bytes("new"))).toBeUndefined();
  expect(text(readFile(vfs, "/x"))).toBe("new");
  expect(stat(vfs, "/x")).toMatchObject({ kind: "file", mode: 0o644, linkCount: 1 });
  expect(stat(vfs, "/elsewhere")).toEqual({ errno: "ENOENT" });
});

test.each([0, 1, 4096, 10_000])("%i bytes come back", (byteCount) => {
  const vfs = createVfs({ fileSystem: new MemoryFileSystem({ longestWrite: 3000 }) });
  const content = Uint8Array.from({ length: byteCount }, (_, index) => index * 7);
  expect(writeFileDurably(vfs, "x", content)).toBeUndefined();
  expect(readFile(vfs, "x")).toEqual(content);
});

test("an observer is told of each operation after it happened, in plain JSON", () => {
  const seen: FileOperation[] = [];
  const vfs = createVfs({ fileSystem: new MemoryFileSystem({ longestWrite: 2 }), observer: (operation) => seen.push(operation) });
  writeFileDurably(vfs, "/x", bytes("abc"));
  stat(vfs, "/none");
  expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
  expect(seen.map((operation) => JSON.stringify(operation))).toEqual([
    '{"operation":"filpOpen","path":"/.tmp-0","inode":2,"flags":131265,"mode":420}',
    '{"operation":"vfsWrite","inode":2,"position":0,"byteCount":3,"done":2}',
    '{"operation":"vfsWrite","inode":2,"position":2,"byteCount":1,"done":1}',
    '{"operation":"vfsFsync","inode":2}',
    '{"operation":"filpClose","inode":2}',
    '{"operation":"vfsRename","path":"/.tmp-0","to":"/x"}',
    '{"operation":"filpOpen","path":"/","inode":1,"flags":65536,"mode":0}',
    '{"operation":"vfsFsync","inode":1}',
    '{"operation":"filpClose","inode":1}',
    '{"operation":"stat","path":"/none","errno":"ENOENT"}',
  ]);
});

test("every verb tells the observer, of failures too", () => {
  const told: string[] = [];
  const vfs = createVfs({ fileSystem: new MemoryFileSystem(), observer: ({ operation }) => void told.push(operation) });
  const closed: OpenFile = { inode: 0, handle: 0, flags: 0, position: 0 };
  const buffer = kernelBuffer(new Uint8Array(1));
  const failures: Readonly<Record<Verb, unknown>> = {
    filpOpen: filpOpen(vfs, "x", 0, 0),
    filpClose: filpClose(vfs, closed),
    vfsRead: vfsRead(vfs, closed, buffer),
    vfsWrite: vfsWrite(vfs, closed, buffer),
    ftruncate: ftruncate(vfs, closed, 0),
    vfsFsync: vfsFsync(vfs, closed),
    vfsRename: vfsRename(vfs, "x", "y"),
    link: link(vfs, "x", "y"),
    symlink: symlink(vfs, "", "y"),
    readlink: readlink(vfs, "x"),
    unlink: unlink(vfs, "x"),
    mkdir: mkdir(vfs, "/", 0o755),
    rmdir: rmdir(vfs, "x"),
    readdir: readdir(vfs, "x"),
    chdir: chdir(vfs, "x"),
    stat: stat(vfs, "x"),
    lstat: lstat(vfs, "x"),
    fstat: fstat(vfs, closed),
  };
  expect(told).toEqual(Object.keys(failures));
  expect(Object.values(failures).filter((result) => !isFailure(result))).toEqual([]);
});
