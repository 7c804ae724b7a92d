// What the verbs stand on: a file system as operations on inodes, with no paths, positions or open flags of its own.

import type { Failure } from "./errno.ts";

/** Names an inode within one file system, for as long as it has a name or is open. */
export type InodeNumber = number;

/** Names an inode that `open` or `create` opened, until `close`: what stands behind one open file. */
export type Handle = number;

/** What a name stands for. `other` is a FIFO, socket or device of a disk: it may be looked at, renamed and removed. */
export type InodeKind = "file" | "directory" | "symlink" | "other";

/** What is known of an inode. There are no times: nothing here has a clock. */
export interface Attributes {
  readonly inode: InodeNumber;
  readonly kind: InodeKind;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  /** How many names it has; a directory has 2 and one for each directory in it. 0 once it is removed and still open. */
  readonly linkCount: number;
  /** Bytes of a file, or of the target of a symlink; 0 for a directory. */
  readonly size: number;
}

/** One name in a directory. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: InodeKind;
}

/** A file that was created and is open. */
export interface CreatedFile {
  readonly inode: InodeNumber;
  readonly handle: Handle;
}

/**
 * The operations that a file system answers, all synchronous. Linux: `struct inode_operations` and `struct
 * file_operations`. One call is one thing that can fail, be cut short or be lost in a crash, so another file system can
 * stand around this one and make it so: it passes numbers on and needs no table of its own.
 *
 * The verbs check before they call: names are one component of 1 to 255 bytes and neither `.` nor `..` (but for
 * `lookup`), kinds fit, permissions are there, a new name is free, and no directory is moved into itself. So an errno
 * from here says that the store cannot: ENOSPC, EIO, EMFILE, ENOTEMPTY, ENOENT in a removed directory, or what another
 * user of a disk did in between. A call that fails changes nothing.
 */
export interface FileSystem {
  /** The root directory; it is never removed or moved. */
  readonly root: InodeNumber;
  /** Where a symlink that begins with `/` leads: to the root, as in a chroot, or nowhere (EXDEV). */
  readonly absoluteLinks: "from-root" | "refused";

  /** The inode of a name. ENOENT if there is none. `..` is the parent; of the root, the root itself or EXDEV. */
  lookup(directory: InodeNumber, name: string): InodeNumber | Failure;
  /** What is known of an inode that has a name or is open. */
  getattr(inode: InodeNumber): Attributes | Failure;
  /** Where a symlink leads. */
  readlink(symlink: InodeNumber): string | Failure;
  /** The names in a directory, in any order, without `.` and `..`. */
  readdir(directory: InodeNumber): readonly DirectoryEntry[] | Failure;

  /** A new regular file under a new name, open with these flags (access and O_APPEND). */
  create(directory: InodeNumber, name: string, mode: number, flags: number): CreatedFile | Failure;
  mkdir(directory: InodeNumber, name: string, mode: number): Failure | undefined;
  symlink(directory: InodeNumber, name: string, target: string): Failure | undefined;
  /** Another name for a file or symlink. */
  link(inode: InodeNumber, directory: InodeNumber, name: string): Failure | undefined;
  /** Removes a name that is no directory. The inode lives on while it has other names or is open. */
  unlink(directory: InodeNumber, name: string): Failure | undefined;
  /** Removes an empty directory. ENOTEMPTY. */
  rmdir(directory: InodeNumber, name: string): Failure | undefined;
  /** Moves a name over a free one, or over one of the same kind that is lost by it. ENOTEMPTY. */
  rename(fromDirectory: InodeNumber, fromName: string, toDirectory: InodeNumber, toName: string): Failure | undefined;

  /** Opens a file or directory with these flags (access and O_APPEND; neither creates nor cuts). */
  open(inode: InodeNumber, flags: number): Handle | Failure;
  /** Ends a handle, also when it returns a failure. */
  close(handle: Handle): Failure | undefined;
  /** Fills `target` from a position on; returns how many bytes there were, 0 at or after the end. EISDIR for a directory. */
  read(handle: Handle, position: number, target: Uint8Array): number | Failure;
  /**
   * Writes bytes at a position, or at the end if the handle has O_APPEND; a gap before them reads as zeros. Returns how
   * many it took, from the first on: fewer than all is a short write. `source` has at least one byte, and is the caller's
   * again afterwards.
   */
  write(handle: Handle, position: number, source: Uint8Array): number | Failure;
  /** Cuts a file, or lengthens it with zeros. */
  truncate(handle: Handle, size: number): Failure | undefined;
  /** Makes a file's bytes and size durable, or a directory's names. */
  fsync(handle: Handle): Failure | undefined;
}
