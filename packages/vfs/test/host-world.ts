// Linux itself as a world: node:fs in a directory of the host.

import fs from "node:fs";
import { bytesOf, describeInode, flagsOf, home, modeOf, textOf } from "./notation.ts";
import type { World } from "./notation.ts";

/** A world below `root`, an empty directory. It has no `chdir`: that belongs to the process. */
export function hostWorld(root: string): World {
  fs.mkdirSync(root + home, { recursive: true });
  const slots = new Map<string, number>();
  const at = (path: string): string => (path === "" ? "" : path.startsWith("/") ? root + path : `${root}${home}/${path}`);
  const descriptor = (slot: string): number => {
    const open = slots.get(slot);
    if (open === undefined) throw Object.assign(new Error("closed"), { code: "EBADF" });
    return open;
  };
  const read = (slot: string, count: string, position?: string): string => {
    const bytes = new Uint8Array(Number(count));
    const done = fs.readSync(descriptor(slot), bytes, 0, bytes.length, position === undefined ? null : Number(position));
    return textOf(bytes.subarray(0, done));
  };
  return {
    mkdir: said((path, mode = "777") => fs.mkdirSync(at(path), modeOf(mode))),
    rmdir: said((path) => fs.rmdirSync(at(path))),
    readdir: said(
      (path) =>
        listed(at(path))
          .map(([name, kind]) => `${name}:${kind}`)
          .join(",") || '""',
    ),
    unlink: said((path) => fs.unlinkSync(at(path))),
    link: said((path, to) => fs.linkSync(at(path), at(to))),
    symlink: said((target, path) => fs.symlinkSync(target, at(path))),
    readlink: said((path) => fs.readlinkSync(at(path))),
    rename: said((path, to) => fs.renameSync(at(path), at(to))),
    stat: said((path) => describe(fs.statSync(at(path)))),
    lstat: said((path) => describe(fs.lstatSync(at(path)))),
    open: said((slot, path, flags, mode) => {
      const opened = fs.openSync(at(path), flagsOf(flags), modeOf(mode));
      const before = slots.get(slot);
      if (before !== undefined) fs.closeSync(before);
      slots.set(slot, opened);
    }),
    close: said((slot) => {
      fs.closeSync(descriptor(slot));
      slots.delete(slot);
    }),
    read: said((slot, count) => read(slot, count)),
    pread: said(read),
    write: said((slot, text) => fs.writeSync(descriptor(slot), bytesOf(text))),
    pwrite: said((slot, text, position) => fs.writeSync(descriptor(slot), bytesOf(text), 0, text.length, Number(position))),
    truncate: said((slot, size) => fs.ftruncateSync(descriptor(slot), Number(size))),
    fsync: said((slot) => fs.fsyncSync(descriptor(slot))),
    fstat: said((slot) => describe(fs.fstatSync(descriptor(slot)))),
    tree: () => treeOf(root, home).join("\n"),
    end: () => {
      for (const open of slots.values()) fs.closeSync(open);
      slots.clear();
      return "ok";
    },
  };
}

/** Everything below a directory, as `vfs-world` says it: what its owner may not see is EACCES. */
function treeOf(top: string, directory: string): readonly string[] {
  const lines: string[] = [];
  const visit = said((path, kind) => {
    const stats = fs.lstatSync(top + path);
    const line = `${path} ${(stats.mode >> 6) & 7} ${describe(stats)}`;
    if (kind === "directory") lines.push(line, ...treeOf(top, path));
    else lines.push(`${line} ${content(top + path, kind)}`);
  });
  const result = said(() => {
    for (const [name, kind] of listed(top + directory)) {
      const seen = visit(`${directory}/${name}`, kind);
      if (seen !== "ok") lines.push(`${directory}/${name} ${seen}`);
    }
  })();
  return result === "ok" ? lines : [`${directory} ${result}`];
}

const content = said((path, kind) => (kind === "symlink" ? fs.readlinkSync(path) : textOf(fs.readFileSync(path))));

function describe(stats: fs.Stats): string {
  return describeInode(kindOf(stats), stats.nlink, stats.size);
}

function said(act: (...words: string[]) => string | number | void): (...words: string[]) => string {
  return (...words) => {
    try {
      return String(act(...words) ?? "ok");
    } catch (error) {
      if (error instanceof Error && "code" in error) return String(error.code);
      throw error;
    }
  };
}

function listed(path: string): readonly (readonly [string, string])[] {
  return fs
    .readdirSync(path, { withFileTypes: true })
    .map((entry) => [entry.name, kindOf(entry)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** What tells a kind: of `Stats` and `Dirent`. */
interface Kinded {
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

function kindOf(found: Kinded): string {
  return found.isDirectory() ? "directory" : found.isSymbolicLink() ? "symlink" : "file";
}
