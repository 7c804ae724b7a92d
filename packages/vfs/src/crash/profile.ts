// What a file system promises of the order in which changes reach its disk.

import type { InodeNumber } from "../file-system.ts";
import { belongsTo, isContentOf } from "./operation.ts";
import type { Change, Operation } from "./operation.ts";

/**
 * A promise, or the lack of one. After a crash the disk holds any set of the pending changes in which each comes with all
 * that it depends on; so the fewer dependencies, the more can happen.
 */
export interface Profile {
  /** One word: it stands in the line of every crash. */
  readonly name: string;
  /**
   * The pending operations (in the order of the calls) that must be on disk before a new change is. `never`: the change
   * gets there by fsync alone.
   */
  readonly after: (change: Change, pending: readonly Operation[]) => readonly Operation[] | "never";
  /** What fsync of a file or directory makes durable, besides all that this depends on. */
  readonly fsync: (inode: InodeNumber, pending: readonly Operation[]) => readonly Operation[];
  /** Whether a rename is one change, or three that a crash can part: the old target goes, the new name appears, the old goes. */
  readonly renames: "whole" | "in-parts";
  /** What a crash shows where a file grew and its bytes did not get there. */
  readonly unwritten: "zeros" | "zeros-or-garbage";
}

/** The profiles that come with the package, from the strictest on. */
export type ProfileName = "strict" | "ordered" | "posix" | "posix+garbage" | "hostile" | "lying-fsync";

const posix: Profile = {
  name: "posix",
  after: lastOnEachKey,
  fsync: (inode, pending) => pending.filter((operation) => belongsTo(inode, operation.change)),
  renames: "whole",
  unwritten: "zeros",
};

/**
 * - `strict`: changes reach the disk one by one, in order; any fsync writes them all (ext3 with data=journal).
 * - `ordered`: names change in order; a file's size follows its bytes, and a rename the bytes and size of what it moves;
 *   any fsync writes the names as well (about what ext4 does by default).
 * - `posix`: nothing but versions of one thing (a block, a size, a name) are in order. fsync of a file does not write its
 *   name, that of a directory does not write its files. What a program may count on.
 * - `posix+garbage`: and where a file grew without its bytes, there may be anything.
 * - `hostile`: and a rename comes apart.
 * - `lying-fsync`: as `posix`, but fsync writes nothing. No acknowledged write need survive; a reader must still notice.
 */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  strict: {
    ...posix,
    name: "strict",
    after: (_, pending) => pending.slice(-1),
    fsync: (_, pending) => pending,
  },
  ordered: {
    ...posix,
    name: "ordered",
    after: (change, pending) => [...lastOnEachKey(change, pending), ...inOrder(change, pending)],
    fsync: (inode, pending) => pending.filter(({ change }) => change.kind === "names" || belongsTo(inode, change)),
  },
  posix,
  "posix+garbage": { ...posix, name: "posix+garbage", unwritten: "zeros-or-garbage" },
  hostile: { ...posix, name: "hostile", unwritten: "zeros-or-garbage", renames: "in-parts" },
  "lying-fsync": { ...posix, name: "lying-fsync", fsync: () => [] },
};

/** The versions before a change of all that it changes: what every profile of one's own should ask at least. */
export function lastOnEachKey(change: Change, pending: readonly Operation[]): readonly Operation[] {
  return change.keys.flatMap((key) => pending.findLast((operation) => operation.change.keys.includes(key)) ?? []);
}

/** What `ordered` asks besides. */
function inOrder(change: Change, pending: readonly Operation[]): readonly Operation[] {
  switch (change.kind) {
    case "names":
      return pending.filter(
        (operation, index) =>
          (change.moved !== undefined && isContentOf(change.moved, operation.change)) || index === lastNames(pending),
      );
    case "size":
      return pending.filter((operation) => isContentOf(change.inode, operation.change));
    default:
      return [];
  }
}

function lastNames(pending: readonly Operation[]): number {
  return pending.findLastIndex(({ change }) => change.kind === "names");
}
