// The naive model: a tree of plain objects, links counted by looking everywhere, errors thrown.

import { bytesOf, describeInode, flagsOf, home, modeOf, textOf } from "./notation.ts";
import type { World } from "./notation.ts";
import { O_ACCMODE, O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_TRUNC } from "@pagelapse/vfs";

interface Directory {
  kind: "directory";
  mode: number;
  names: Record<string, Node>;
  parent: Directory;
}
interface File {
  kind: "file";
  mode: number;
  bytes: number[];
}
interface Symlink {
  kind: "symlink";
  mode: number;
  target: string;
}
type Node = Directory | File | Symlink;
interface Opened {
  node: File | Directory;
  flags: number;
  position: number;
}
interface Found {
  parent: Directory;
  name: string;
  readonly node: Node | undefined;
  slash: boolean;
}

class Refused extends Error {}

function refuse(when: boolean, errno: string): void {
  if (when) throw new Refused(errno);
}

/** A world that keeps nothing but the tree and the open files. */
export function modelWorld(): World {
  const root = newDirectory(0o755);
  let at: Directory = root;
  const slots = new Map<string, Opened>();

  const live = (node: Node): boolean => node === root || count(root, node) > 0;

  function look(parent: Directory, name: string): Node | undefined {
    if (name === ".") return parent;
    if (name === "..") return parent.parent;
    refuse(!live(parent), "ENOENT");
    refuse(Buffer.byteLength(name) > 255, "ENAMETOOLONG");
    return parent.names[name];
  }

  /** The last name, looked up when it is asked for: `rename` walks to both parents first. */
  function parentOf(parent: Directory, name: string, slash: boolean): Found {
    return {
      parent,
      name,
      slash,
      get node() {
        return look(parent, name);
      },
    };
  }

  /** Walks by putting the targets of symlinks into the list of names. */
  function find(path: string, last: "follow" | "keep" | "parent" | "create"): Found {
    refuse(path === "", "ENOENT");
    refuse(path.length >= 4096, "ENAMETOOLONG");
    let parent = path.startsWith("/") ? root : at;
    let slash = path.endsWith("/");
    let links = 0;
    let names = path.split("/").filter((name) => name !== "");
    if (names.length === 0) return { parent: root, name: "/", node: root, slash: false };
    for (;;) {
      const [name, ...rest] = names;
      const end = rest.length === 0;
      refuse((parent.mode & 0o100) === 0, "EACCES");
      const dots = name === "." || name === "..";
      if (end && last === "parent") return parentOf(parent, name, slash);
      refuse(end && last === "create" && slash && !dots, "EISDIR");
      const node = look(parent, name);
      if (node?.kind === "symlink" && (!end || slash || last === "follow" || (last === "create" && !slash))) {
        refuse(++links > 40, "ELOOP");
        if (node.target.startsWith("/")) parent = root;
        if (end) slash ||= node.target.endsWith("/");
        names = [...node.target.split("/").filter((part) => part !== ""), ...rest];
        if (names.length === 0) return { parent: root, name: "/", node: root, slash: false };
        continue;
      }
      if (end) {
        refuse(node === undefined && last !== "create", "ENOENT");
        refuse(slash && node?.kind !== "directory", "ENOTDIR");
        return { parent, name, node, slash };
      }
      refuse(node === undefined, "ENOENT");
      if (node?.kind !== "directory") throw new Refused("ENOTDIR");
      parent = node;
      names = rest;
    }
  }

  function existing(path: string, last: "follow" | "keep"): Node {
    const { node } = find(path, last);
    if (node === undefined) throw new Refused("ENOENT");
    return node;
  }

  function mayChange(directory: Directory): void {
    refuse((directory.mode & 0o300) !== 0o300, "EACCES");
  }

  function add(path: string, slashed: "allowed" | "not-allowed", make: (parent: Directory) => Node): void {
    const { parent, name, node, slash } = find(path, "parent");
    refuse(node !== undefined, "EEXIST");
    refuse(slash && slashed === "not-allowed", "ENOENT");
    mayChange(parent);
    parent.names[name] = make(parent);
  }

  function opened(slot: string): Opened {
    const file = slots.get(slot);
    if (file === undefined) throw new Refused("EBADF");
    return file;
  }

  function access(slot: string, bit: 1 | 2): Opened {
    const file = opened(slot);
    refuse((((file.flags & O_ACCMODE) + 1) & bit) === 0, "EBADF");
    return file;
  }

  function open(slot: string, path: string, flagsWord: string, modeWord?: string): void {
    const flags = flagsOf(flagsWord);
    const has = (flag: number): boolean => (flags & flag) !== 0;
    refuse(has(O_CREAT) && has(O_DIRECTORY), "EINVAL");
    const keep = has(O_NOFOLLOW) || (has(O_CREAT) && has(O_EXCL));
    let node: Node | undefined;
    if (!has(O_CREAT)) node = existing(path, keep ? "keep" : "follow");
    else {
      // With O_EXCL the last name is not followed; "parent" stops there, and refuses slashes as "create" does.
      const place = keep ? find(path, "parent") : find(path, "create");
      const dots = [".", "..", "/"].includes(place.name);
      refuse(keep && place.slash && !dots, "EISDIR");
      refuse(has(O_EXCL) && place.node !== undefined, "EEXIST");
      refuse(place.node?.kind === "directory", "EISDIR");
      node = place.node;
      if (node === undefined) {
        mayChange(place.parent);
        const made: File = { kind: "file", mode: modeOf(modeWord) & ~0o22, bytes: [] };
        place.parent.names[place.name] = made;
        slots.set(slot, { node: made, flags, position: 0 });
        return;
      }
    }
    refuse(has(O_DIRECTORY) && node.kind !== "directory", "ENOTDIR");
    if (node.kind === "symlink") throw new Refused("ELOOP");
    refuse(node.kind === "directory" && ((flags & O_ACCMODE) !== 0 || has(O_TRUNC)), "EISDIR");
    const wanted = [0o400, 0o200, 0o600, 0o600][flags & O_ACCMODE] | (has(O_TRUNC) ? 0o200 : 0);
    refuse((node.mode & wanted) !== wanted, "EACCES");
    if (node.kind === "file" && has(O_TRUNC)) node.bytes.length = 0;
    slots.set(slot, { node, flags, position: 0 });
  }

  function read(file: Opened, byteCount: number, position: number): string {
    refuse(position < 0, "EINVAL");
    if (file.node.kind === "directory") throw new Refused("EISDIR");
    return textOf(Uint8Array.from(file.node.bytes.slice(position, position + byteCount)));
  }

  /** Returns where the write ended. */
  function write(file: Opened, text: string, position: number): number {
    refuse(position < 0, "EINVAL");
    const bytes = bytesIn(file.node);
    if (text === "") return position;
    const start = (file.flags & O_APPEND) === 0 ? position : bytes.length;
    while (bytes.length < start) bytes.push(0);
    bytesOf(text).forEach((byte, index) => (bytes[start + index] = byte));
    return start + text.length;
  }

  function rename(path: string, to: string): void {
    const source = find(path, "parent");
    const target = find(to, "parent");
    refuse(
      [source, target].some(({ name }) => [".", "..", "/"].includes(name)),
      "EBUSY",
    );
    const moved = source.node;
    if (moved === undefined) throw new Refused("ENOENT");
    const lost = target.node;
    refuse(moved.kind !== "directory" && (source.slash || target.slash), "ENOTDIR");
    refuse(holds(moved, target.parent), "EINVAL");
    refuse(lost !== undefined && holds(lost, source.parent), "ENOTEMPTY");
    if (moved === lost) return;
    mayChange(source.parent);
    mayChange(target.parent);
    if (lost !== undefined) {
      refuse(moved.kind === "directory" && lost.kind !== "directory", "ENOTDIR");
      refuse(moved.kind !== "directory" && lost.kind === "directory", "EISDIR");
    }
    refuse(moved.kind === "directory" && source.parent !== target.parent && (moved.mode & 0o200) === 0, "EACCES");
    refuse(lost?.kind === "directory" && Object.keys(lost.names).length > 0, "ENOTEMPTY");
    delete source.parent.names[source.name];
    target.parent.names[target.name] = moved;
    if (moved.kind === "directory") moved.parent = target.parent;
  }

  function rmdir(path: string): void {
    const { parent, name, node } = find(path, "parent");
    refuse(name === ".", "EINVAL");
    refuse(name === "..", "ENOTEMPTY");
    refuse(name === "/", "EBUSY");
    refuse(node === undefined, "ENOENT");
    mayChange(parent);
    if (node?.kind !== "directory") throw new Refused("ENOTDIR");
    refuse(Object.keys(node.names).length > 0, "ENOTEMPTY");
    delete parent.names[name];
  }

  function unlink(path: string): void {
    const { parent, name, node, slash } = find(path, "parent");
    refuse([".", "..", "/"].includes(name), "EISDIR");
    refuse(node === undefined, "ENOENT");
    refuse(slash, node?.kind === "directory" ? "EISDIR" : "ENOTDIR");
    mayChange(parent);
    refuse(node?.kind === "directory", "EISDIR");
    delete parent.names[name];
  }

  const describe = (node: Node): string => {
    const size = node.kind === "file" ? node.bytes.length : node.kind === "symlink" ? node.target.length : 0;
    return describeInode(node.kind, node === root ? 1 : count(root, node), size);
  };

  function list(path: string): string {
    const node = existing(path, "follow");
    if (node.kind !== "directory") throw new Refused("ENOTDIR");
    refuse((node.mode & 0o400) === 0, "EACCES");
    refuse(!live(node), "ENOENT");
    const names = Object.keys(node.names).toSorted((a, b) => (a < b ? -1 : 1));
    return names.map((name) => `${name}:${node.names[name].kind}`).join(",") || '""';
  }

  function enter(path: string): void {
    const node = existing(path, "follow");
    if (node.kind !== "directory") throw new Refused("ENOTDIR");
    refuse((node.mode & 0o100) === 0, "EACCES");
    at = node;
  }

  function truncate(slot: string, size: number): void {
    refuse(size < 0, "EINVAL");
    const { node, flags } = opened(slot);
    refuse((((flags & O_ACCMODE) + 1) & 2) === 0, "EINVAL");
    const bytes = bytesIn(node);
    bytes.length = Math.min(bytes.length, size);
    while (bytes.length < size) bytes.push(0);
  }

  function treeLines(directory: Directory, path: string): string[] {
    if ((directory.mode & 0o400) === 0) return [`${path} EACCES`];
    return Object.keys(directory.names)
      .toSorted((a, b) => (a < b ? -1 : 1))
      .flatMap((name) => {
        const node = directory.names[name];
        if ((directory.mode & 0o100) === 0) return [`${path}/${name} EACCES`];
        const line = `${path}/${name} ${(node.mode >> 6) & 7} ${describe(node)}`;
        if (node.kind === "directory") return [line, ...treeLines(node, `${path}/${name}`)];
        if (node.kind === "symlink") return [`${line} ${node.target}`];
        return [`${line} ${(node.mode & 0o400) === 0 ? "EACCES" : textOf(Uint8Array.from(node.bytes))}`];
      });
  }

  const world: World = {
    mkdir: done((path, mode = "777") => add(path, "allowed", (parent) => newDirectory(modeOf(mode) & 0o1755, parent))),
    rmdir: done(rmdir),
    readdir: done(list),
    chdir: done(enter),
    unlink: done(unlink),
    link: done((path, to) => {
      const node = existing(path, "keep");
      add(to, "not-allowed", () => {
        refuse(node.kind === "directory", "EPERM");
        return node;
      });
    }),
    symlink: done((target, path) => {
      refuse(target === "", "ENOENT");
      refuse(target.length >= 4096, "ENAMETOOLONG");
      add(path, "not-allowed", () => ({ kind: "symlink", mode: 0o777, target }));
    }),
    readlink: done((path) => {
      const node = existing(path, "keep");
      if (node.kind !== "symlink") throw new Refused("EINVAL");
      return node.target;
    }),
    rename: done(rename),
    stat: done((path) => describe(existing(path, "follow"))),
    lstat: done((path) => describe(existing(path, "keep"))),
    open: done(open),
    close: done((slot) => void (opened(slot), slots.delete(slot))),
    read: done((slot, byteCount) => {
      const file = access(slot, 1);
      const { position } = file;
      const text = read(file, Number(byteCount), position);
      file.position += text === '""' ? 0 : text.length;
      return text;
    }),
    pread: done((slot, byteCount, position) => {
      refuse(Number(position) < 0 && slots.has(slot) && (((opened(slot).flags & O_ACCMODE) + 1) & 1) !== 0, "EINVAL");
      return read(access(slot, 1), Number(byteCount), Number(position));
    }),
    write: done((slot, text) => {
      const file = access(slot, 2);
      file.position = write(file, text, file.position);
      return String(text.length);
    }),
    pwrite: done((slot, text, position) => {
      write(access(slot, 2), text, Number(position));
      return String(text.length);
    }),
    truncate: done((slot, size) => truncate(slot, Number(size))),
    fsync: done((slot) => void opened(slot)),
    fstat: done((slot) => describe(opened(slot).node)),
    tree: () => treeLines(beginning, home).join("\n"),
    end: () => "ok",
  };
  for (const path of ["/w", home]) world["mkdir"](path);
  world["chdir"](home);
  const beginning = at;
  return world;
}

/** A verb of the model as one of a world: nothing is `ok`, what it throws is the errno. */
function done(act: (...words: string[]) => string | void): (...words: string[]) => string {
  return (...words) => {
    try {
      return act(...words) ?? "ok";
    } catch (error) {
      if (error instanceof Refused) return error.message;
      throw error;
    }
  };
}

function newDirectory(mode: number, parent?: Directory): Directory {
  const names: Record<string, Node> = {};
  if (parent !== undefined) return { kind: "directory", mode, names, parent };
  const top: Directory = {
    kind: "directory",
    mode,
    names,
    get parent() {
      return top;
    },
  };
  return top;
}

/** The bytes of what is open for writing; no directory ever is. */
function bytesIn(node: File | Directory): number[] {
  if (node.kind === "directory") throw new Error("a directory is open for writing");
  return node.bytes;
}

/** How many names a node has below a directory. */
function count(directory: Directory, node: Node): number {
  let names = 0;
  for (const child of Object.values(directory.names)) {
    if (child === node) names++;
    if (child.kind === "directory") names += count(child, node);
  }
  return names;
}

/** Whether a node is a directory or holds it, at any depth. */
function holds(node: Node, directory: Directory): boolean {
  return node === directory || (node.kind === "directory" && Object.values(node.names).some((child) => holds(child, directory)));
}
