// What a call leaves for the disk to do: small changes, each of which gets there whole, in part, or not at all.

import type { InodeNumber } from "../file-system.ts";

/** A change of the disk. Changes with a key in common are versions of one thing. */
export type Change = DataChange | DropChange | SizeChange | NamesChange;

/** A block of a file as the page cache has it. */
export interface DataChange {
  readonly kind: "data";
  readonly keys: readonly string[];
  readonly inode: InodeNumber;
  readonly block: number;
  /** The whole block. */
  readonly bytes: Uint8Array;
  /** Which of them the call wrote, from ... */
  readonly start: number;
  /** ... up to and without this one. */
  readonly end: number;
}

/** A block of a file given back: it is as if never written. */
export interface DropChange {
  readonly kind: "drop";
  readonly keys: readonly string[];
  readonly inode: InodeNumber;
  readonly block: number;
}

/** A file's size. */
export interface SizeChange {
  readonly kind: "size";
  readonly keys: readonly string[];
  readonly inode: InodeNumber;
  readonly from: number;
  readonly size: number;
}

/** Names that appear or go together. */
export interface NamesChange {
  readonly kind: "names";
  readonly keys: readonly string[];
  readonly entries: readonly NameChange[];
  /** The inode that a rename moves. */
  readonly moved: InodeNumber | undefined;
}

/** A name in a directory, and what it leads to from now on: an inode, or nothing. */
export interface NameChange {
  readonly directory: InodeNumber;
  readonly name: string;
  readonly inode: InodeNumber | undefined;
}

/** A change that is pending. */
export interface Operation {
  /** Counts up from 1 in the order of the calls. */
  readonly id: number;
  readonly change: Change;
  /** Pending operations that reach the disk before this one does. `never`: it gets there by fsync alone. */
  readonly after: readonly number[] | "never";
}

/** A block as it stands after a write of some of its bytes. */
export function dataChange(inode: InodeNumber, block: number, bytes: Uint8Array, start: number, end: number): DataChange {
  return { kind: "data", keys: [`block ${inode}:${block}`], inode, block, bytes, start, end };
}

/** A block that a file no longer has. */
export function dropChange(inode: InodeNumber, block: number): DropChange {
  return { kind: "drop", keys: [`block ${inode}:${block}`], inode, block };
}

/** A file that grew or was cut. */
export function sizeChange(inode: InodeNumber, from: number, size: number): SizeChange {
  return { kind: "size", keys: [`size ${inode}`], inode, from, size };
}

/** Names that change together. */
export function namesChange(entries: readonly NameChange[], moved?: InodeNumber): NamesChange {
  return { kind: "names", keys: entries.map(({ directory, name }) => `entry ${directory}/${name}`), entries, moved };
}

/** Whether a change is to the bytes or the size of a file. */
export function isContentOf(inode: InodeNumber, change: Change): boolean {
  return change.kind !== "names" && change.inode === inode;
}

/** Whether a change is what fsync of an inode is about: a file's bytes and size, a directory's names. */
export function belongsTo(inode: InodeNumber, change: Change): boolean {
  return change.kind === "names" ? change.entries.some(({ directory }) => directory === inode) : change.inode === inode;
}
