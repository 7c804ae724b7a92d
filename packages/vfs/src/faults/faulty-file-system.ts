// A file system around a file system, in which calls fail as a plan says.

import { fail, isFailure } from "../errno.ts";
import type { Failure } from "../errno.ts";
import type { Attributes, CreatedFile, DirectoryEntry, FileSystem, Handle, InodeNumber } from "../file-system.ts";
import type { WriteBack, WriteBackFailure } from "../write-back.ts";
import type { FaultEffect, FaultPlan } from "./fault-plan.ts";
import { canHappenTo } from "./faulty-calls.ts";
import type { Call } from "./faulty-calls.ts";

/**
 * Passes every call on, but for those that the plan makes fail. For `lost` and `clean` the inner file system must know what
 * its disk has, as `CrashFileSystem` does; else the constructor and `follow` throw.
 */
export class FaultyFileSystem implements FileSystem {
  readonly #inner: FileSystem;
  readonly #writeBack: WriteBack | undefined;
  #plan: FaultPlan = [];
  #calls: Call[] = [];

  constructor(inner: FileSystem | (FileSystem & WriteBack), plan: FaultPlan) {
    this.#inner = inner;
    this.#writeBack = "failWriteBack" in inner ? inner : undefined;
    this.follow(plan);
  }

  /** Another plan from now on, whose first call is the next one. */
  follow(plan: FaultPlan): void {
    const needed = plan.find(({ effect }) => effect.kind === "lost" || effect.kind === "clean");
    if (needed !== undefined && this.#writeBack === undefined)
      throw new RangeError(`an fsync that fails ${needed.effect.kind} needs a file system with failWriteBack`);
    this.#plan = plan;
    this.#calls = [];
  }

  get root(): InodeNumber {
    return this.#inner.root;
  }

  get absoluteLinks(): FileSystem["absoluteLinks"] {
    return this.#inner.absoluteLinks;
  }

  /** The calls so far under the plan, in order: what `singleFaultPlans` takes. */
  get calls(): readonly Call[] {
    return this.#calls;
  }

  lookup(directory: InodeNumber, name: string): InodeNumber | Failure {
    return this.#pass("lookup", () => this.#inner.lookup(directory, name));
  }

  getattr(inode: InodeNumber): Attributes | Failure {
    return this.#pass("getattr", () => this.#inner.getattr(inode));
  }

  readlink(symlink: InodeNumber): string | Failure {
    return this.#pass("readlink", () => this.#inner.readlink(symlink));
  }

  readdir(directory: InodeNumber): readonly DirectoryEntry[] | Failure {
    return this.#pass("readdir", () => this.#inner.readdir(directory));
  }

  create(directory: InodeNumber, name: string, mode: number, flags: number): CreatedFile | Failure {
    const effect = this.#effectOn("create");
    if (effect !== undefined && effect.kind !== "done") return refusal(effect);
    const created = this.#inner.create(directory, name, mode, flags);
    if (effect === undefined || isFailure(created)) return created;
    // The file is there, and nobody holds its handle.
    this.#inner.close(created.handle);
    return refusal(effect);
  }

  mkdir(directory: InodeNumber, name: string, mode: number): Failure | undefined {
    return this.#pass("mkdir", () => this.#inner.mkdir(directory, name, mode));
  }

  symlink(directory: InodeNumber, name: string, target: string): Failure | undefined {
    return this.#pass("symlink", () => this.#inner.symlink(directory, name, target));
  }

  link(inode: InodeNumber, directory: InodeNumber, name: string): Failure | undefined {
    return this.#pass("link", () => this.#inner.link(inode, directory, name));
  }

  unlink(directory: InodeNumber, name: string): Failure | undefined {
    return this.#pass("unlink", () => this.#inner.unlink(directory, name));
  }

  rmdir(directory: InodeNumber, name: string): Failure | undefined {
    return this.#pass("rmdir", () => this.#inner.rmdir(directory, name));
  }

  rename(fromDirectory: InodeNumber, fromName: string, toDirectory: InodeNumber, toName: string): Failure | undefined {
    return this.#pass("rename", () => this.#inner.rename(fromDirectory, fromName, toDirectory, toName));
  }

  open(inode: InodeNumber, flags: number): Handle | Failure {
    const effect = this.#effectOn("open");
    return effect === undefined ? this.#inner.open(inode, flags) : refusal(effect);
  }

  /** A close that fails has closed all the same. */
  close(handle: Handle): Failure | undefined {
    const effect = this.#effectOn("close");
    const closed = this.#inner.close(handle);
    return effect === undefined ? closed : refusal(effect);
  }

  read(handle: Handle, position: number, target: Uint8Array): number | Failure {
    return this.#transfer("read", target, (some) => this.#inner.read(handle, position, some));
  }

  write(handle: Handle, position: number, source: Uint8Array): number | Failure {
    return this.#transfer("write", source, (some) => this.#inner.write(handle, position, some));
  }

  truncate(handle: Handle, size: number): Failure | undefined {
    return this.#pass("truncate", () => this.#inner.truncate(handle, size));
  }

  fsync(handle: Handle): Failure | undefined {
    const effect = this.#effectOn("fsync");
    if (effect === undefined) return this.#inner.fsync(handle);
    if (effect.kind === "done") this.#inner.fsync(handle);
    if (isWriteBackFailure(effect.kind)) this.#writeBack?.failWriteBack(handle, effect.kind);
    return refusal(effect);
  }

  #pass<Result>(call: Call, act: () => Result): Result | Failure {
    const effect = this.#effectOn(call);
    if (effect === undefined) return act();
    if (effect.kind === "done") act();
    return refusal(effect);
  }

  #transfer(call: "read" | "write", bytes: Uint8Array, act: (some: Uint8Array) => number | Failure): number | Failure {
    const effect = this.#effectOn(call);
    if (effect === undefined) return act(bytes);
    if (effect.kind === "short") return effect.byteCount === 0 ? 0 : act(bytes.subarray(0, effect.byteCount));
    if (effect.kind === "done") act(bytes);
    return refusal(effect);
  }

  /** Counts a call, and says what happens to it. */
  #effectOn(call: Call): FaultEffect | undefined {
    const number = this.#calls.push(call);
    return this.#plan.find(
      (fault) => (fault.repeat === "once" ? number === fault.call : number >= fault.call) && canHappenTo(call, fault.effect),
    )?.effect;
  }
}

function isWriteBackFailure(kind: FaultEffect["kind"]): kind is WriteBackFailure {
  return kind === "lost" || kind === "clean";
}

function refusal(effect: FaultEffect): Failure {
  if (effect.kind === "short") throw new RangeError("only a read or a write can be short");
  return fail(effect.errno);
}
