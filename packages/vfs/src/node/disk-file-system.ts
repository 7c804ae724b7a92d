// A file system that is a directory of the host: everything below it, and nothing else.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import type { BigIntStats, Dirent, Stats } from "node:fs";
import { fail, isFailure } from "../errno.ts";
import type { Failure } from "../errno.ts";
import type { Attributes, CreatedFile, DirectoryEntry, FileSystem, Handle, InodeKind, InodeNumber } from "../file-system.ts";
import { O_APPEND, allowsRead, allowsWrite } from "../open-flags.ts";
import { below, descriptorPath, hostReach, identityOf, openPlace, withinDirectory } from "./host-directory.ts";
import type { Reach } from "./host-directory.ts";
import { attempt } from "./host-errno.ts";
import { InodeTable } from "./inode-table.ts";
import type { DiskInode } from "./inode-table.ts";

/** How the disk is used. */
export interface DiskFileSystemOptions {
  /** How directories are reached: `descriptors` on Linux, which is safer, and `paths` elsewhere, unless given. */
  readonly reach?: Reach;
}

interface OpenInode {
  readonly inode: DiskInode;
  readonly flags: number;
}

/**
 * A directory of the host. What leads out of it is refused with EXDEV, as openat2(2) with RESOLVE_BENEATH does: `..` at
 * the root, and a symlink whose target begins with `/` (it may be made, read, renamed and removed). A path that begins
 * with `/` begins at the root. The host is never asked to follow a symlink or `..`; how safe that is against somebody who
 * changes directories meanwhile, `Reach` says.
 *
 * Only files and directories open; a FIFO, socket or device is EACCES and is not touched. The host's own umask and
 * permissions apply as well. Errnos are the host's where it refuses what the verbs allowed. Names are taken for UTF-8; one
 * that is not can be listed and not named. Windows cannot fsync a directory: there that does nothing. With `paths` a directory that may not be
 * read cannot be entered, and a removed one is lost at once.
 */
export class DiskFileSystem implements FileSystem {
  readonly root: InodeNumber;
  readonly absoluteLinks = "refused";
  readonly #inodes: InodeTable = new InodeTable();
  /** A handle is a descriptor of the host. */
  readonly #open: Map<Handle, OpenInode> = new Map();

  readonly #reach: Reach;

  /** `path` names an existing directory; the host's error is thrown if it does not. */
  constructor(path: string, options: DiskFileSystemOptions = {}) {
    this.#reach = options.reach ?? hostReach;
    const absolute = realpathSync(path);
    const stats = lstatSync(absolute, { bigint: true });
    if (!stats.isDirectory()) throw new Error(`${path}: expected a directory, found a ${kindOf(stats)}`);
    this.root = this.#inodes.see(identityOf(stats), undefined, absolute).number;
  }

  lookup(directory: InodeNumber, name: string): InodeNumber | Failure {
    if (name === "..") return directory === this.root ? fail("EXDEV") : (this.#inodes.get(directory)?.parent ?? fail("ENOENT"));
    return this.#within(directory, (path) => {
      const stats = lstatSync(below(path, name), { bigint: true });
      return this.#inodes.see(identityOf(stats), directory, name).number;
    });
  }

  getattr(number: InodeNumber): Attributes | Failure {
    const [descriptor] = this.#inodes.get(number)?.descriptors ?? [];
    if (descriptor !== undefined) return attempt(() => attributesOf(number, fstatSync(descriptor, { bigint: true })));
    return this.#at(number, (path, inode) => {
      const stats = lstatSync(path, { bigint: true });
      return identityOf(stats) === inode.identity ? attributesOf(number, stats) : fail("ESTALE");
    });
  }

  readlink(symlink: InodeNumber): string | Failure {
    return this.#at(symlink, (path) => readlinkSync(path));
  }

  readdir(directory: InodeNumber): readonly DirectoryEntry[] | Failure {
    return this.#within(directory, (path) =>
      readdirSync(`${path}/`, { withFileTypes: true }).map((entry) => ({ name: entry.name, kind: kindOf(entry) })),
    );
  }

  create(directory: InodeNumber, name: string, mode: number, flags: number): CreatedFile | Failure {
    const { O_CREAT, O_EXCL } = constants;
    return this.#within(directory, (path) => {
      const descriptor = openSync(below(path, name), hostFlags(flags) | O_CREAT | O_EXCL, mode);
      const inode = this.#inodes.see(identityOf(fstatSync(descriptor, { bigint: true })), directory, name);
      return { inode: inode.number, handle: this.#keepOpen(inode, descriptor, flags) };
    });
  }

  mkdir(directory: InodeNumber, name: string, mode: number): Failure | undefined {
    return this.#within(directory, (path) => {
      mkdirSync(below(path, name), { mode });
      return undefined;
    });
  }

  symlink(directory: InodeNumber, name: string, target: string): Failure | undefined {
    return this.#within(directory, (path) => {
      symlinkSync(target, below(path, name));
      return undefined;
    });
  }

  /** Only Linux's link(2) is sure not to follow a symlink; elsewhere EPERM for one. */
  link(number: InodeNumber, directory: InodeNumber, name: string): Failure | undefined {
    return this.#at(number, (existing) =>
      this.#within(directory, (path) => {
        if (process.platform !== "linux" && lstatSync(existing).isSymbolicLink()) return fail("EPERM");
        linkSync(existing, below(path, name));
        return undefined;
      }),
    );
  }

  unlink(directory: InodeNumber, name: string): Failure | undefined {
    return this.#removeName(directory, name, unlinkSync);
  }

  rmdir(directory: InodeNumber, name: string): Failure | undefined {
    return this.#removeName(directory, name, rmdirSync);
  }

  rename(fromDirectory: InodeNumber, fromName: string, toDirectory: InodeNumber, toName: string): Failure | undefined {
    return this.#within(fromDirectory, (fromPath) =>
      this.#removeName(toDirectory, toName, (to) => {
        const from = below(fromPath, fromName);
        const moved = lstatSync(from, { bigint: true });
        renameSync(from, to);
        this.#inodes.see(identityOf(moved), toDirectory, toName);
      }),
    );
  }

  open(number: InodeNumber, flags: number): Handle | Failure {
    return this.#at(number, (path, inode) => {
      const kind = kindOf(lstatSync(path));
      if (kind === "other") return fail("EACCES");
      let descriptor = attempt(() => openSync(path, hostFlags(flags)));
      // A working directory need not be readable.
      const unreadable = isFailure(descriptor) && descriptor.errno === "EACCES" && kind === "directory";
      if (unreadable && this.#reach === "descriptors") descriptor = openPlace(path);
      if (isFailure(descriptor)) return descriptor;
      const stats = fstatSync(descriptor, { bigint: true });
      const wrong = kindOf(stats) === "other" ? "EACCES" : identityOf(stats) === inode.identity ? undefined : "ESTALE";
      if (wrong === undefined) return this.#keepOpen(inode, descriptor, flags);
      closeSync(descriptor);
      return fail(wrong);
    });
  }

  close(handle: Handle): Failure | undefined {
    const { inode } = this.#opened(handle);
    this.#open.delete(handle);
    inode.descriptors.delete(handle);
    this.#inodes.forgetUnused(inode);
    return attempt(() => {
      closeSync(handle);
      return undefined;
    });
  }

  read(handle: Handle, position: number, target: Uint8Array): number | Failure {
    this.#opened(handle);
    if (target.length === 0) return fstatSync(handle).isDirectory() ? fail("EISDIR") : 0;
    return attempt(() => readSync(handle, target, 0, target.length, position));
  }

  write(handle: Handle, position: number, source: Uint8Array): number | Failure {
    const appends = (this.#opened(handle).flags & O_APPEND) !== 0;
    return attempt(() => (appends ? writeSync(handle, source) : writeSync(handle, source, 0, source.length, position)));
  }

  truncate(handle: Handle, size: number): Failure | undefined {
    this.#opened(handle);
    return attempt(() => {
      ftruncateSync(handle, size);
      return undefined;
    });
  }

  fsync(handle: Handle): Failure | undefined {
    this.#opened(handle);
    return attempt(() => {
      if (process.platform !== "win32" || !fstatSync(handle).isDirectory()) fsyncSync(handle);
      return undefined;
    });
  }

  #opened(handle: Handle): OpenInode {
    const opened = this.#open.get(handle);
    if (opened === undefined) throw new RangeError(`handle ${handle} is not open`);
    return opened;
  }

  #keepOpen(inode: DiskInode, descriptor: number, flags: number): Handle {
    inode.descriptors.add(descriptor);
    this.#open.set(descriptor, { inode, flags });
    return descriptor;
  }

  /** Runs `act` with a path that stands for a directory. A removed one is reached through what has it open. */
  #within<Result>(directory: InodeNumber, act: (path: string) => Result | Failure): Result | Failure {
    const inode = this.#inodes.get(directory);
    if (inode?.removed === true) {
      const [descriptor] = inode.descriptors;
      if (descriptor === undefined || this.#reach === "paths") return fail("ENOENT");
      return attempt(() => act(descriptorPath(descriptor)));
    }
    const way = inode === undefined ? undefined : this.#inodes.wayTo(inode);
    return way === undefined ? fail("ENOENT") : withinDirectory(this.#reach, way, act);
  }

  /** Runs `act` with the path of an inode in the directory that it was last seen in. */
  #at<Result>(number: InodeNumber, act: (path: string, inode: DiskInode) => Result | Failure): Result | Failure {
    const inode = this.#inodes.get(number);
    if (inode === undefined) return fail("ENOENT");
    if (number === this.root || inode.removed) return this.#within(number, (path) => act(`${path}/.`, inode));
    return this.#within(inode.parent, (path) => act(below(path, inode.name), inode));
  }

  /** Removes or replaces a name, and forgets the inode that had no other. */
  #removeName(directory: InodeNumber, name: string, remove: (path: string) => void): Failure | undefined {
    return this.#within(directory, (path) => {
      const at = below(path, name);
      const lost = attempt(() => lstatSync(at, { bigint: true }));
      remove(at);
      if (!isFailure(lost) && (lost.isDirectory() || lost.nlink === 1n)) this.#inodes.loseName(identityOf(lost));
      return undefined;
    });
  }
}

/** The host's flags for ours. Those that a platform does not have are undefined there, and 0 in what is or-ed. */
function hostFlags(flags: number): number {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_NOFOLLOW, O_NONBLOCK } = constants;
  const access = !allowsWrite(flags) ? O_RDONLY : allowsRead(flags) ? O_RDWR : O_WRONLY;
  const append = (flags & O_APPEND) === 0 ? 0 : constants.O_APPEND;
  // Non-blocking, so that a FIFO that takes the place of a file does not hang the open.
  return access | append | O_NOFOLLOW | O_NONBLOCK;
}

function kindOf(found: Dirent | Stats | BigIntStats): InodeKind {
  if (found.isFile()) return "file";
  if (found.isDirectory()) return "directory";
  return found.isSymbolicLink() ? "symlink" : "other";
}

function attributesOf(inode: InodeNumber, stats: BigIntStats): Attributes {
  const kind = kindOf(stats);
  return {
    inode,
    kind,
    mode: Number(stats.mode & 0o7777n),
    linkCount: Number(stats.nlink),
    size: kind === "directory" ? 0 : Number(stats.size),
  };
}
