// What a caller of the verbs holds: a file system with a working directory, an address limit and open files.

import { USER_DS } from "./address-limit.ts";
import type { Limited } from "./address-limit.ts";
import type { FileSystem, Handle, InodeNumber } from "./file-system.ts";
import type { Observer } from "./observer.ts";
import type { OpenFiles } from "./open-file.ts";

/** The state that the verbs share. Only they change it. */
export interface Vfs extends Limited, OpenFiles {
  readonly fileSystem: FileSystem;
  readonly observer: Observer | undefined;
  /** Permission bits that a new file or directory does not get. */
  readonly umask: number;
  workingDirectory: WorkingDirectory;
}

/** Where relative paths begin. The root needs no handle; another directory is held open, so that it outlives its name. */
interface WorkingDirectory {
  readonly inode: InodeNumber;
  readonly handle: Handle | undefined;
}

/** What a vfs is made of. `taskSize` is that of x86-64 Linux, 2^47 - 4096, and `umask` 022 unless given. */
export interface VfsOptions {
  readonly fileSystem: FileSystem;
  readonly observer?: Observer;
  readonly taskSize?: number;
  readonly umask?: number;
}

/** A vfs with no open files, its working directory the root, under USER_DS. Several may share a file system. */
export function createVfs(options: VfsOptions): Vfs {
  const { fileSystem, observer, taskSize = 0x7fff_ffff_f000, umask = 0o22 } = options;
  return {
    fileSystem,
    observer,
    taskSize,
    umask,
    openFiles: new Set(),
    addressLimit: USER_DS,
    workingDirectory: { inode: fileSystem.root, handle: undefined },
  };
}
