// A disk: what it holds for certain, what is on the way to it, and every moment at which the power could have failed.

import type { InodeNumber } from "../file-system.ts";
import type { WriteBackFailure } from "../write-back.ts";
import { apply } from "./apply.ts";
import { closure, forsake } from "./down-closed.ts";
import { emptyImage } from "./image.ts";
import type { Image, ImageInode } from "./image.ts";
import { isContentOf } from "./operation.ts";
import type { Change, Operation } from "./operation.ts";
import type { Profile } from "./profile.ts";

/** A moment at which a crash can come: after each call that changed something. */
export interface CrashPoint {
  /** What the disk holds at the least. */
  readonly durable: Image;
  /** The operations that may or may not have reached it, and perhaps later ones behind them. */
  readonly operations: readonly Operation[];
  /** How many of `operations` were pending. */
  readonly pendingCount: number;
  /** Labels of what the caller was told is safe. */
  readonly acknowledged: readonly string[];
}

/** The operations that were pending at a crash point. */
export function pendingAt(point: CrashPoint): readonly Operation[] {
  return point.operations.slice(0, point.pendingCount);
}

/** A disk and the way to it, under a profile. It begins with nothing but a root, all durable. */
export class Disk {
  readonly profile: Profile;
  readonly points: CrashPoint[] = [];
  #durable: Image = emptyImage;
  /** Crash points share it: it only grows, and another takes its place when something leaves it. */
  #pending: Operation[] = [];
  /** Operations that no fsync writes any more. They may have reached the disk all the same. */
  readonly #clean: Set<number> = new Set();
  #acknowledged: readonly string[] = [];
  #lastId = 0;

  constructor(profile: Profile) {
    this.profile = profile;
    this.#mark();
  }

  get durable(): Image {
    return this.#durable;
  }

  get pending(): readonly Operation[] {
    return this.#pending;
  }

  /** A new inode is on disk from now on; whether a name leads to it is another matter. */
  bear(inode: InodeNumber, node: ImageInode): void {
    this.#durable = new Map(this.#durable).set(inode, node);
  }

  /** Changes of one call. */
  happen(changes: readonly Change[]): void {
    for (const change of changes) {
      const after = this.profile.after(change, this.#pending);
      this.#pending.push({
        id: ++this.#lastId,
        change,
        after: after === "never" ? after : [...new Set(after.map(({ id }) => id))],
      });
    }
    this.#mark();
  }

  /** Makes durable what the profile says, but for what is marked clean. */
  fsync(inode: InodeNumber): void {
    const written = closure(this.#pending, this.profile.fsync(inode, this.#pending)).filter(({ id }) => !this.#clean.has(id));
    const onDisk = new Map(written.flatMap(({ id, change }) => change.keys.map((key) => [key, id])));
    this.#durable = apply(this.#durable, written);
    // A version older than the one on disk is no longer on its way.
    this.#pending = forsake(this.#pending, ({ id, change }) => change.keys.every((key) => id <= (onDisk.get(key) ?? 0)));
    this.#mark();
  }

  /** What is pending of a file's bytes will not be written by any fsync (`clean`), or is gone, and its size with it (`lost`). */
  failWriteBack(inode: InodeNumber, way: WriteBackFailure): void {
    if (way === "clean") {
      for (const { id, change } of this.#pending) if (isContentOf(inode, change) && change.kind !== "size") this.#clean.add(id);
    } else {
      this.#pending = forsake(this.#pending, ({ change }) => isContentOf(inode, change));
    }
    this.#mark();
  }

  acknowledge(label: string): void {
    this.#acknowledged = [...this.#acknowledged, label];
    this.#mark();
  }

  /** Makes all durable, whatever the profile, and begins anew: no crash points, nothing acknowledged. */
  settle(): void {
    this.#durable = apply(this.#durable, this.#pending);
    this.#pending = [];
    this.#clean.clear();
    this.#acknowledged = [];
    this.#lastId = 0;
    this.points.length = 0;
    this.#mark();
  }

  #mark(): void {
    this.points.push({
      durable: this.#durable,
      operations: this.#pending,
      pendingCount: this.#pending.length,
      acknowledged: this.#acknowledged,
    });
  }
}
