// Random operations end the same in the model, in memory, on disk and on Linux; and a file system with a bug is found out.

import { MemoryFileSystem, O_RDWR, isFailure } from "@pagelapse/vfs";
import type { Attributes, Failure, FileSystem } from "@pagelapse/vfs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { lines, linesOfOurs } from "./lines.ts";
import type { Line, World } from "./notation.ts";
import { vfsWorld } from "./vfs-world.ts";
import { agree, onLinux, worlds } from "./worlds.ts";

test("the memory file system does what the model does", () => {
  const met = new Map<string, number>();
  const run = fc.property(linesOfOurs, (list) => agree(worlds.model(), worlds.memory(), list, met));
  expect(report(fc.check(run, { numRuns: 1000 }))).toBeUndefined();
  const thin = expectedResults.filter((result) => (met.get(result) ?? 0) < 3);
  expect(thin, "results that hardly occurred").toEqual([]);
  const [succeeded, all] = [...met].reduce(
    ([good, sum], [key, count]) => [good + (key.endsWith(" ok") ? count : 0), sum + count],
    [0, 0],
  );
  expect(succeeded / all).toBeGreaterThan(0.4);
});

test.each(["crash", "faulty"] as const)("the %s file system, live and without a fault, does what the model does", (name) => {
  const run = fc.property(linesOfOurs, (list) => agree(worlds.model(), worlds[name](), list));
  expect(report(fc.check(run, { numRuns: 300 }))).toBeUndefined();
});

test.each(["disk", "disk by paths"] as const)("the %s does what the model does", (disk) => {
  const run = fc.property(linesOfOurs, (list) => agree(worlds.model(), worlds[disk](), list));
  expect(report(fc.check(run, { numRuns: 300 }))).toBeUndefined();
});

const why = onLinux ? "" : ` (skipped: ${process.platform} is no Linux)`;
test.runIf(onLinux)(`Linux does what the memory file system does${why}`, () => {
  const run = fc.property(lines, (list) => agree(worlds.host(), worlds.memory(), list));
  expect(report(fc.check(run, { numRuns: 600 }))).toBeUndefined();
});

/** What fast-check has to say: seed and counterexample, or nothing. */
function report(details: fc.RunDetails<[Line[]]>): string | undefined {
  return fc.defaultReportMessage(details);
}

/** What a run of the suite must have seen of each verb, or the property says little. */
const expectedResults: readonly string[] = [
  "chdir ok ENOENT ENOTDIR",
  "close ok EBADF",
  "fstat ok EBADF",
  "fsync ok EBADF",
  "link ok EACCES EEXIST ELOOP ENAMETOOLONG ENOENT ENOTDIR EPERM",
  "lstat ok ENOENT ENOTDIR",
  "mkdir ok EACCES EEXIST ELOOP ENAMETOOLONG ENOENT ENOTDIR",
  "open ok EACCES EEXIST EINVAL EISDIR ELOOP ENAMETOOLONG ENOENT ENOTDIR",
  "pread ok EBADF EISDIR",
  "pwrite ok EBADF",
  "read ok EBADF EISDIR",
  "readdir ok ENOENT ENOTDIR",
  "readlink ok EINVAL ENOENT ENOTDIR",
  "rename ok EACCES EBUSY EINVAL EISDIR ELOOP ENAMETOOLONG ENOENT ENOTDIR ENOTEMPTY",
  "rmdir ok EBUSY EINVAL ENOENT ENOTDIR ENOTEMPTY",
  "stat ok ENOENT ENOTDIR",
  "symlink ok EACCES EEXIST ELOOP ENAMETOOLONG ENOENT ENOTDIR",
  "truncate ok EBADF EINVAL",
  "unlink ok EISDIR ELOOP ENAMETOOLONG ENOENT ENOTDIR",
  "write ok EBADF",
].flatMap((row) => {
  const [verb, ...results] = row.split(" ");
  return results.map((result) => `${verb} ${result}`);
});

/** A bug in a back end. */
const brokenFileSystems: Readonly<Record<string, () => FileSystem>> = {
  "unlink frees a file that is open": () =>
    new (class extends MemoryFileSystem {
      override unlink(directory: number, name: string): Failure | undefined {
        const inode = this.lookup(directory, name);
        const writer = typeof inode === "number" && this.getattr(inode).kind === "file" ? this.open(inode, O_RDWR) : undefined;
        if (writer !== undefined) this.truncate(writer, 0);
        const result = super.unlink(directory, name);
        if (writer !== undefined) this.close(writer);
        return result;
      }
    })(),
  "a file that grows shows what was cut off": () =>
    new (class extends MemoryFileSystem {
      readonly #size = new Map<number, Uint8Array>();
      override truncate(handle: number, size: number): Failure | undefined {
        const bytes = new Uint8Array(8192);
        const count = super.read(handle, 0, bytes);
        const before = this.#size.get(handle);
        this.#size.set(handle, bytes.subarray(0, Number(count)));
        const result = super.truncate(handle, size);
        if (before !== undefined && size > 0 && before.length > 0) super.write(handle, 0, before.subarray(0, size));
        return result;
      }
    })(),
  "a file that is replaced by a rename keeps its link": () =>
    new (class extends MemoryFileSystem {
      override getattr(number: number): Attributes {
        const attributes = super.getattr(number);
        return attributes.kind === "file" ? { ...attributes, linkCount: Math.max(1, attributes.linkCount) } : attributes;
      }
    })(),
  "a directory that is moved keeps its old parent": () =>
    new (class extends MemoryFileSystem {
      readonly #parents = new Map<number, number>();
      override lookup(directory: number, name: string): number | Failure {
        return (name === ".." ? this.#parents.get(directory) : undefined) ?? super.lookup(directory, name);
      }
      override rename(from: number, name: string, to: number, toName: string): Failure | undefined {
        const inode = this.lookup(from, name);
        const result = super.rename(from, name, to, toName);
        if (result === undefined && typeof inode === "number") this.#parents.set(inode, from);
        return result;
      }
    })(),
  "a rename leaves the old name": () =>
    new (class extends MemoryFileSystem {
      override rename(from: number, name: string, to: number, toName: string): Failure | undefined {
        const inode = this.lookup(from, name);
        const result = super.rename(from, name, to, toName);
        if (typeof inode === "number" && this.getattr(inode).kind === "file") super.link(inode, from, name);
        return result;
      }
    })(),
  "a hole is not read": () =>
    new (class extends MemoryFileSystem {
      override read(handle: number, position: number, target: Uint8Array): number | Failure {
        const count = super.read(handle, position, target);
        return isFailure(count) || target.subarray(0, count).some((byte) => byte !== 0) ? count : 0;
      }
    })(),
  "two names of a file are two files": () =>
    new (class extends MemoryFileSystem {
      override link(number: number, directory: number, name: string): undefined {
        if (this.getattr(number).kind !== "file") return super.link(number, directory, name);
        const made = this.create(directory, name, 0o644, O_RDWR);
        if (!isFailure(made)) this.close(made.handle);
        return undefined;
      }
    })(),
  "a full directory is removed": () =>
    new (class extends MemoryFileSystem {
      override rmdir(directory: number, name: string): Failure | undefined {
        const inode = this.lookup(directory, name);
        if (typeof inode !== "number") return inode;
        for (const entry of this.readdir(inode)) this.unlink(inode, entry.name);
        return super.rmdir(directory, name);
      }
    })(),
};

/** A bug in a verb: the words that it gets, or what it says, changed on the way. */
const brokenVerbs: Readonly<Record<string, (world: World) => World>> = {
  "a file open for reading can be written": (world) => ({
    ...world,
    open: (slot, path, flags, mode) => world["open"](slot, path, flags.replace(/^r(?=\+|$)/, "rw"), mode),
  }),
  "O_EXCL is ignored": withoutFlag("excl"),
  "O_NOFOLLOW is ignored": withoutFlag("nofollow"),
  "O_TRUNC is ignored": withoutFlag("trunc"),
  "O_APPEND is ignored": withoutFlag("append"),
  "O_DIRECTORY is ignored": withoutFlag("dir"),
  "pread moves the position": (world) => ({
    ...world,
    pread(slot, count, position) {
      const result = world["pread"](slot, count, position);
      world["read"](slot, "1");
      return result;
    },
  }),
  "a rename between two names of one file removes one": (world) => ({
    ...world,
    rename(path, to) {
      const [before, after] = [world["lstat"](path), world["lstat"](to)];
      const result = world["rename"](path, to);
      return result === "ok" && before === after && /^file [2-9]/.test(world["lstat"](path)) ? world["unlink"](path) : result;
    },
  }),
  "paths are tidied before they are walked": (world) => everyPath(world, (path) => path.replace(/[^/]+\/\.\.\//, "")),
  "slashes at the end of a path are dropped": (world) =>
    everyPath(world, (path) => (path === "/" ? path : path.replace(/\/+$/, ""))),
  "link of a directory makes another": (world) => ({
    ...world,
    link(path, to) {
      const result = world["link"](path, to);
      return result === "EPERM" ? world["mkdir"](to) : result;
    },
  }),
  "unlink of a directory is EPERM": (world) => ({ ...world, unlink: (path) => world["unlink"](path).replace("EISDIR", "EPERM") }),
  "pwrite begins at the end at the latest": (world) => ({
    ...world,
    pwrite(slot, text, position) {
      const size = Number(world["fstat"](slot).split(" ")[2] ?? 0);
      return world["pwrite"](slot, text, String(Math.min(size, Number(position))));
    },
  }),
  "names that are too long are cut": (world) => everyPath(world, (path) => path.replace(/x{256}/, "x".repeat(255))),
};

test.each([
  ...Object.entries(brokenFileSystems).map(([name, make]): [string, () => World] => [name, () => vfsWorld(make())]),
  ...Object.entries(brokenVerbs).map(([name, spoil]): [string, () => World] => [name, () => spoil(worlds.memory())]),
])("found out: %s", (_, world) => {
  const found = fc.check(
    fc.property(linesOfOurs, (list) => agree(worlds.model(), world(), list)),
    { numRuns: 1000, seed: 7, endOnFailure: true },
  );
  expect(found.failed).toBe(true);
});

function withoutFlag(name: string): (world: World) => World {
  return (world) => ({
    ...world,
    open: (slot, path, flags, mode) => world["open"](slot, path, flags.replace(`+${name}`, ""), mode),
  });
}

function everyPath(world: World, change: (path: string) => string): World {
  const verbs = ["mkdir", "rmdir", "unlink", "link", "rename", "stat", "lstat", "readlink", "readdir"];
  return {
    ...world,
    ...Object.fromEntries(verbs.map((verb) => [verb, (...paths: string[]) => world[verb](...paths.map(change))])),
  };
}
