// A file system in memory that knows what its disk holds, what is on the way there, and so what a crash could leave.

import { isFailure } from "../errno.ts";
import type { Failure } from "../errno.ts";
import type { Attributes, CreatedFile, DirectoryEntry, FileSystem, Handle, InodeNumber } from "../file-system.ts";
import { MemoryFileSystem } from "../memory-file-system.ts";
import type { MemoryFileSystemOptions } from "../memory-file-system.ts";
import { O_APPEND, O_RDWR } from "../open-flags.ts";
import type { WriteBack, WriteBackFailure } from "../write-back.ts";
import { Disk } from "./disk.ts";
import type { CrashPoint } from "./disk.ts";
import { fileIn } from "./image.ts";
import type { Image, ImageInode } from "./image.ts";
import { install, spaceOf, visibleBlocks, writeWhole } from "./install.ts";
import { namesChange, sizeChange } from "./operation.ts";
import type { NameChange, Operation } from "./operation.ts";
import { changesOfCut, changesOfWrite } from "./page-cache.ts";
import type { CachedFile } from "./page-cache.ts";
import { profiles } from "./profile.ts";
import type { Profile, ProfileName } from "./profile.ts";

/** How a disk behaves. The limits are those of `MemoryFileSystem`. */
export interface CrashFileSystemOptions extends MemoryFileSystemOptions {
  /** One that comes with the package, or one's own. */
  readonly profile: ProfileName | Profile;
  /** Bytes that the page cache writes at once: 4096 unless given. Small ones make short files span many. */
  readonly blockBytes?: number;
  /** Bytes that the disk writes whole or not at all, a part of a block: 512 unless given. */
  readonly sectorBytes?: number;
  /** Whether a file that a write makes longer grows once, or block by block; once unless given. */
  readonly growth?: "once" | "block-by-block";
}

/**
 * The live file system is what every call sees; it is the durable image with the pending operations done, all of them. A
 * crash leaves the durable image with some of them (`crashes`). Calls that change something end in a crash point each.
 */
export class CrashFileSystem implements FileSystem, WriteBack {
  readonly root: InodeNumber;
  readonly absoluteLinks = "from-root";
  readonly options: CrashFileSystemOptions;
  readonly blockBytes: number;
  readonly sectorBytes: number;
  readonly #disk: Disk;
  readonly #live: MemoryFileSystem;
  readonly #handles: Map<Handle, { readonly inode: InodeNumber; readonly flags: number }> = new Map();

  constructor(options: CrashFileSystemOptions) {
    const { profile, blockBytes = 4096, sectorBytes = 512 } = options;
    if (!(sectorBytes >= 1 && Number.isInteger(blockBytes / sectorBytes)))
      throw new RangeError(`a block of ${blockBytes} bytes is not made of sectors of ${sectorBytes}`);
    this.options = options;
    this.#disk = new Disk(typeof profile === "string" ? profiles[profile] : profile);
    this.blockBytes = blockBytes;
    this.sectorBytes = sectorBytes;
    this.#live = new MemoryFileSystem(options);
    this.root = this.#live.root;
  }

  /**
   * A file system that stands on an image, as after a restart: nothing is open, nothing pending. If names that a crash
   * brought back need more room than the options give, there is that much.
   */
  static on(image: Image, options: CrashFileSystemOptions): CrashFileSystem {
    const { byteCapacity = Infinity, inodeCapacity = Infinity, blockBytes = 4096 } = options;
    const needed = spaceOf(image, blockBytes);
    const fileSystem = new CrashFileSystem({
      ...options,
      byteCapacity: Math.max(byteCapacity, needed.bytes),
      inodeCapacity: Math.max(inodeCapacity, needed.inodes),
    });
    install(image, blockBytes, fileSystem);
    fileSystem.settle();
    return fileSystem;
  }

  get profile(): Profile {
    return this.#disk.profile;
  }

  /** Bytes that files may still take. */
  get freeBytes(): number {
    return this.#live.freeBytes;
  }

  /** Inodes that may still be made. */
  get freeInodes(): number {
    return this.#live.freeInodes;
  }

  /** The moments at which a crash can come, the beginning first. */
  get points(): readonly CrashPoint[] {
    return this.#disk.points;
  }

  /** What the disk holds at the least, now. */
  get durable(): Image {
    return this.#disk.durable;
  }

  /** What is on the way to the disk, now. */
  get pending(): readonly Operation[] {
    return this.#disk.pending;
  }

  /** The program tells somebody that something is safe: every later crash knows of it. */
  acknowledge(label: string): void {
    this.#disk.acknowledge(label);
  }

  /** Makes all durable, whatever the profile, and forgets the crash points before: where a workload begins. */
  settle(): void {
    this.#disk.settle();
  }

  lookup(directory: InodeNumber, name: string): InodeNumber | Failure {
    return this.#live.lookup(directory, name);
  }

  getattr(inode: InodeNumber): Attributes {
    return this.#live.getattr(inode);
  }

  readlink(symlink: InodeNumber): string | Failure {
    return this.#live.readlink(symlink);
  }

  readdir(directory: InodeNumber): readonly DirectoryEntry[] {
    return this.#live.readdir(directory);
  }

  create(directory: InodeNumber, name: string, mode: number, flags: number): CreatedFile | Failure {
    const created = this.#live.create(directory, name, mode, flags);
    if (isFailure(created)) return created;
    this.#handles.set(created.handle, { inode: created.inode, flags });
    this.#bear(directory, name, { kind: "file", mode, size: 0, blocks: new Map() });
    return created;
  }

  mkdir(directory: InodeNumber, name: string, mode: number): Failure | undefined {
    const failed = this.#live.mkdir(directory, name, mode);
    if (failed === undefined) this.#bear(directory, name, { kind: "directory", mode, entries: new Map() });
    return failed;
  }

  symlink(directory: InodeNumber, name: string, target: string): Failure | undefined {
    const failed = this.#live.symlink(directory, name, target);
    if (failed === undefined) this.#bear(directory, name, { kind: "symlink", mode: 0o777, target });
    return failed;
  }

  link(inode: InodeNumber, directory: InodeNumber, name: string): undefined {
    this.#live.link(inode, directory, name);
    this.#disk.happen([namesChange([{ directory, name, inode }])]);
  }

  unlink(directory: InodeNumber, name: string): Failure | undefined {
    const failed = this.#live.unlink(directory, name);
    if (failed === undefined) this.#disk.happen([namesChange([{ directory, name, inode: undefined }])]);
    return failed;
  }

  rmdir(directory: InodeNumber, name: string): Failure | undefined {
    const failed = this.#live.rmdir(directory, name);
    if (failed === undefined) this.#disk.happen([namesChange([{ directory, name, inode: undefined }])]);
    return failed;
  }

  rename(fromDirectory: InodeNumber, fromName: string, toDirectory: InodeNumber, toName: string): Failure | undefined {
    const replaced = this.#live.lookup(toDirectory, toName);
    const failed = this.#live.rename(fromDirectory, fromName, toDirectory, toName);
    if (failed !== undefined) return failed;
    const inode = this.#inodeAt(toDirectory, toName);
    const gone: NameChange = { directory: fromDirectory, name: fromName, inode: undefined };
    const there: NameChange = { directory: toDirectory, name: toName, inode };
    const parts = [...(isFailure(replaced) ? [] : [{ ...there, inode: undefined }]), there, gone];
    if (this.profile.renames === "whole") this.#disk.happen([namesChange([gone, there], inode)]);
    else this.#disk.happen(parts.map((part) => namesChange([part], part === there ? inode : undefined)));
    return undefined;
  }

  open(inode: InodeNumber, flags: number): Handle {
    const handle = this.#live.open(inode, flags);
    this.#handles.set(handle, { inode, flags });
    return handle;
  }

  close(handle: Handle): undefined {
    this.#live.close(handle);
    this.#handles.delete(handle);
  }

  read(handle: Handle, position: number, target: Uint8Array): number | Failure {
    return this.#live.read(handle, position, target);
  }

  write(handle: Handle, position: number, source: Uint8Array): number | Failure {
    const { inode, flags } = this.#opened(handle);
    const sizeBefore = this.#live.getattr(inode).size;
    const written = this.#live.write(handle, position, source);
    if (isFailure(written) || written === 0) return written;
    const start = (flags & O_APPEND) === 0 ? position : sizeBefore;
    const { growth = "once" } = this.options;
    this.#disk.happen(changesOfWrite(this.#cached(handle), { start, end: start + written, sizeBefore, growth }));
    return written;
  }

  truncate(handle: Handle, size: number): Failure | undefined {
    const { inode } = this.#opened(handle);
    const before = this.#live.getattr(inode).size;
    const failed = this.#live.truncate(handle, size);
    if (failed !== undefined || size === before) return failed;
    const cut = size < before;
    this.#disk.happen(
      cut ? changesOfCut(this.#cached(handle), before, size, this.#blocksOf(inode)) : [sizeChange(inode, before, size)],
    );
    return undefined;
  }

  /** Makes durable what the profile says. Only a `FaultyFileSystem` makes it fail. */
  fsync(handle: Handle): undefined {
    this.#disk.fsync(this.#opened(handle).inode);
  }

  failWriteBack(handle: Handle, way: WriteBackFailure): void {
    const { inode } = this.#opened(handle);
    if (this.#live.getattr(inode).kind !== "file") return;
    this.#disk.failWriteBack(inode, way);
    if (way === "lost") this.#revert(inode);
  }

  /** A new inode and its first name. */
  #bear(directory: InodeNumber, name: string, node: ImageInode): void {
    const inode = this.#inodeAt(directory, name);
    this.#disk.bear(inode, node);
    this.#disk.happen([namesChange([{ directory, name, inode }])]);
  }

  /** The blocks of a file that were ever written. */
  #blocksOf(inode: InodeNumber): readonly number[] {
    const pending = this.pending.flatMap(({ change }) => (change.kind === "data" && change.inode === inode ? change.block : []));
    return [...fileIn(this.durable, inode).blocks.keys(), ...pending];
  }

  /** Gives a live file the bytes that the disk has; those that find no room any more stay lost. */
  #revert(inode: InodeNumber): void {
    const file = fileIn(this.durable, inode);
    const handle = this.#live.open(inode, O_RDWR);
    this.#live.truncate(handle, 0);
    for (const [position, bytes] of visibleBlocks(file, this.blockBytes)) writeWhole(this.#live, handle, position, bytes);
    this.#live.truncate(handle, file.size);
    this.#live.close(handle);
  }

  #cached(handle: Handle): CachedFile {
    return { live: this.#live, handle, inode: this.#opened(handle).inode, blockBytes: this.blockBytes };
  }

  #inodeAt(directory: InodeNumber, name: string): InodeNumber {
    const inode = this.#live.lookup(directory, name);
    if (isFailure(inode)) throw new RangeError(`${name} is not in directory ${directory}: ${inode.errno}`);
    return inode;
  }

  #opened(handle: Handle): { readonly inode: InodeNumber; readonly flags: number } {
    const opened = this.#handles.get(handle);
    if (opened === undefined) throw new RangeError(`handle ${handle} is not open`);
    return opened;
  }
}
