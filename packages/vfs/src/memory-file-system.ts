// A file system in memory.

import { fail } from "./errno.ts";
import type { Failure } from "./errno.ts";
import type { Attributes, CreatedFile, DirectoryEntry, FileSystem, Handle, InodeNumber } from "./file-system.ts";
import { O_APPEND } from "./open-flags.ts";
import { byteCountOf } from "./path.ts";
import { SparseBytes, blockBytes } from "./sparse-bytes.ts";
import type { BlockBudget } from "./sparse-bytes.ts";

/** How much fits, and how much one write takes. Everything is unlimited unless given. */
export interface MemoryFileSystemOptions {
  /** Bytes of all files together, counted in whole blocks of 4 KiB; names and symlinks cost none. */
  readonly byteCapacity?: number;
  /** Files, directories and symlinks together, the root among them. */
  readonly inodeCapacity?: number;
  /** The most bytes that one write takes: longer ones are short. */
  readonly longestWrite?: number;
}

interface Inode {
  readonly number: InodeNumber;
  readonly mode: number;
  readonly body: FileBody | DirectoryBody | SymlinkBody;
  linkCount: number;
  /** Handles, and removed directories whose `..` this is. */
  useCount: number;
}
interface FileBody {
  readonly kind: "file";
  readonly bytes: SparseBytes;
}
interface DirectoryBody {
  readonly kind: "directory";
  readonly entries: Map<string, InodeNumber>;
  parent: InodeNumber;
}
interface SymlinkBody {
  readonly kind: "symlink";
  readonly target: string;
}
interface OpenInode {
  readonly inode: Inode;
  readonly flags: number;
}

/** Inodes in a table. Numbers count up and none is used twice, so a run is the same every time. */
export class MemoryFileSystem implements FileSystem {
  readonly root: InodeNumber = 1;
  readonly absoluteLinks = "from-root";
  readonly #inodes: Map<InodeNumber, Inode> = new Map();
  readonly #handles: Map<Handle, OpenInode> = new Map();
  readonly #blocks: BlockBudget;
  readonly #longestWrite: number;
  #freeInodes: number;
  #lastInode = 0;
  #lastHandle = 0;

  constructor(options: MemoryFileSystemOptions = {}) {
    this.#blocks = { freeBlocks: Math.floor((options.byteCapacity ?? Infinity) / blockBytes) };
    this.#freeInodes = options.inodeCapacity ?? Infinity;
    this.#longestWrite = options.longestWrite ?? Infinity;
    this.#add({ kind: "directory", entries: new Map(), parent: this.root }, 0o755, 2);
  }

  /** Bytes that files may still take. */
  get freeBytes(): number {
    return this.#blocks.freeBlocks * blockBytes;
  }

  /** Inodes that may still be made. */
  get freeInodes(): number {
    return this.#freeInodes;
  }

  lookup(directory: InodeNumber, name: string): InodeNumber | Failure {
    const { body } = this.#inode(directory);
    if (body.kind !== "directory") return fail("ENOTDIR");
    return name === ".." ? body.parent : (body.entries.get(name) ?? fail("ENOENT"));
  }

  getattr(number: InodeNumber): Attributes {
    const { body, mode, linkCount } = this.#inode(number);
    return { inode: number, kind: body.kind, mode, linkCount, size: sizeOf(body) };
  }

  readlink(symlink: InodeNumber): string | Failure {
    const { body } = this.#inode(symlink);
    return body.kind === "symlink" ? body.target : fail("EINVAL");
  }

  readdir(directory: InodeNumber): readonly DirectoryEntry[] {
    return Array.from(this.#entries(directory), ([name, number]) => ({ name, kind: this.#inode(number).body.kind }));
  }

  create(directory: InodeNumber, name: string, mode: number, flags: number): CreatedFile | Failure {
    if (this.#freeInodes === 0) return fail("ENOSPC");
    const inode = this.#add({ kind: "file", bytes: new SparseBytes(this.#blocks) }, mode, 1);
    this.#entries(directory).set(name, inode.number);
    return { inode: inode.number, handle: this.open(inode.number, flags) };
  }

  mkdir(directory: InodeNumber, name: string, mode: number): Failure | undefined {
    if (this.#freeInodes === 0) return fail("ENOSPC");
    const inode = this.#add({ kind: "directory", entries: new Map(), parent: directory }, mode, 2);
    this.#entries(directory).set(name, inode.number);
    this.#inode(directory).linkCount++;
    return undefined;
  }

  symlink(directory: InodeNumber, name: string, target: string): Failure | undefined {
    if (this.#freeInodes === 0) return fail("ENOSPC");
    const inode = this.#add({ kind: "symlink", target }, 0o777, 1);
    this.#entries(directory).set(name, inode.number);
    return undefined;
  }

  link(number: InodeNumber, directory: InodeNumber, name: string): undefined {
    this.#inode(number).linkCount++;
    this.#entries(directory).set(name, number);
  }

  unlink(directory: InodeNumber, name: string): Failure | undefined {
    return this.#removeName(directory, name);
  }

  rmdir(directory: InodeNumber, name: string): Failure | undefined {
    return this.#removeName(directory, name);
  }

  rename(fromDirectory: InodeNumber, fromName: string, toDirectory: InodeNumber, toName: string): Failure | undefined {
    const number = this.#entries(fromDirectory).get(fromName);
    if (number === undefined) return fail("ENOENT");
    const failed = this.#entries(toDirectory).has(toName) ? this.#removeName(toDirectory, toName) : undefined;
    if (failed !== undefined) return failed;
    this.#entries(fromDirectory).delete(fromName);
    this.#entries(toDirectory).set(toName, number);
    const { body } = this.#inode(number);
    if (body.kind !== "directory") return undefined;
    this.#inode(fromDirectory).linkCount--;
    this.#inode(toDirectory).linkCount++;
    body.parent = toDirectory;
    return undefined;
  }

  open(number: InodeNumber, flags: number): Handle {
    const inode = this.#inode(number);
    inode.useCount++;
    this.#handles.set(++this.#lastHandle, { inode, flags });
    return this.#lastHandle;
  }

  close(handle: Handle): undefined {
    const { inode } = this.#opened(handle);
    this.#handles.delete(handle);
    this.#endUse(inode);
  }

  read(handle: Handle, position: number, target: Uint8Array): number | Failure {
    const { body } = this.#opened(handle).inode;
    return body.kind === "file" ? body.bytes.read(position, target) : fail("EISDIR");
  }

  write(handle: Handle, position: number, source: Uint8Array): number | Failure {
    const { inode, flags } = this.#opened(handle);
    if (inode.body.kind !== "file") return fail("EISDIR");
    const { bytes } = inode.body;
    const at = (flags & O_APPEND) === 0 ? position : bytes.size;
    const written = bytes.write(at, source.subarray(0, this.#longestWrite));
    return written === 0 && this.#longestWrite > 0 ? fail("ENOSPC") : written;
  }

  truncate(handle: Handle, size: number): Failure | undefined {
    const { body } = this.#opened(handle).inode;
    if (body.kind !== "file") return fail("EISDIR");
    body.bytes.resize(size);
    return undefined;
  }

  /** Memory is as durable as it gets. */
  fsync(handle: Handle): undefined {
    this.#opened(handle);
  }

  #add(body: Inode["body"], mode: number, linkCount: number): Inode {
    const inode = { number: ++this.#lastInode, mode, body, linkCount, useCount: 0 };
    this.#inodes.set(inode.number, inode);
    this.#freeInodes--;
    return inode;
  }

  #removeName(directory: InodeNumber, name: string): Failure | undefined {
    const entries = this.#entries(directory);
    const number = entries.get(name);
    if (number === undefined) return fail("ENOENT");
    const inode = this.#inode(number);
    if (inode.body.kind === "directory") {
      if (inode.body.entries.size > 0) return fail("ENOTEMPTY");
      const parent = this.#inode(directory);
      parent.linkCount--;
      parent.useCount++;
      inode.linkCount = 0;
    } else {
      inode.linkCount--;
    }
    entries.delete(name);
    this.#dropUnused(inode);
    return undefined;
  }

  #endUse(inode: Inode): void {
    inode.useCount--;
    this.#dropUnused(inode);
  }

  /** An inode that has no name and is not open gives back what it holds. */
  #dropUnused(inode: Inode): void {
    if (inode.linkCount > 0 || inode.useCount > 0) return;
    if (inode.body.kind === "file") inode.body.bytes.resize(0);
    this.#inodes.delete(inode.number);
    this.#freeInodes++;
    if (inode.body.kind === "directory") this.#endUse(this.#inode(inode.body.parent));
  }

  #inode(number: InodeNumber): Inode {
    const inode = this.#inodes.get(number);
    if (inode === undefined) throw new RangeError(`inode ${number} has no name and is not open`);
    return inode;
  }

  #entries(directory: InodeNumber): Map<string, InodeNumber> {
    const { body } = this.#inode(directory);
    if (body.kind !== "directory") throw new RangeError(`inode ${directory} is a ${body.kind}, not a directory`);
    return body.entries;
  }

  #opened(handle: Handle): OpenInode {
    const opened = this.#handles.get(handle);
    if (opened === undefined) throw new RangeError(`handle ${handle} is not open`);
    return opened;
  }
}

function sizeOf(body: Inode["body"]): number {
  switch (body.kind) {
    case "file":
      return body.bytes.size;
    case "symlink":
      return byteCountOf(body.target);
    default:
      return 0;
  }
}
