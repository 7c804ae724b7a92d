// A machine and a model taken through one history side by side, compared after every step.

import { peekPage } from "@pagelapse/checkpoint";
import type { ProcessView } from "@pagelapse/checkpoint";
import type { Machine } from "@pagelapse/kernel";
import type { Command, Result } from "@pagelapse/kernel";
import { MADV_DONTFORK, MADV_DONTNEED, MADV_FREE, MADV_WIPEONFORK, MREMAP_FIXED, MREMAP_MAYMOVE } from "@pagelapse/vma";
import type { FaultPlan } from "@pagelapse/vfs/faults";
import { Model, pageBytes } from "./model.ts";
import type { OnFork, Origin } from "./model.ts";
import { mapCommand, pagesLeft } from "./map-command.ts";
import { Meetings } from "./meetings.ts";
import { Picker } from "./picker.ts";
import { processOf } from "./process-view.ts";
import { isSame } from "./same-bytes.ts";
import type { Step } from "./step.ts";
import { checkWalks } from "./walk-check.ts";
import { WrongMemory } from "./wrong-memory.ts";
import { addressOf, clip, largeCount, largeStart, windowPages, windowStart } from "./window.ts";

/** Pids of all processes that there can be at one time. */
const pids = [1, 2, 3, 4] as const;

/** What a history may do. */
export type Rule = "anything" | "takes nothing away";

/** Is told each command that a history comes to, and what the machine answered. */
export type CommandListener = (command: Command, result: Result) => void;

/** A world: taken step by step, it throws when machine and model part. */
export class World {
  readonly machine: Machine;
  readonly model: Model;
  /** The process of which checkpoints are taken; when it ends, another that lives. */
  watched: number;
  readonly #rule: Rule;
  /** Pid of the process that each processor runs. */
  readonly #running: number[];
  readonly #picker: Picker;
  readonly #meetings: Meetings;
  readonly #listener: CommandListener;

  /** A model is of one process, what the machine's holds. */
  constructor(
    machine: Machine,
    model: Model = new Model(machine.space.pid),
    rule: Rule = "anything",
    listener: CommandListener = () => {},
  ) {
    this.machine = machine;
    this.model = model;
    this.watched = model.pid;
    this.#rule = rule;
    this.#listener = listener;
    this.#running = machine.state.running.map(() => model.pid);
    this.#picker = new Picker(model);
    this.#meetings = new Meetings(model, this.#picker);
    for (const file of ["private", "shared"] as const) {
      model.files[file].forEach((bytes, index) => this.#tell({ kind: "provide-file", file, offset: index * pageBytes, bytes }));
    }
    checkWalks(machine);
  }

  /** What the history met, by name: for showing that histories meet what they must. */
  get met(): Set<string> {
    return this.#meetings.met;
  }

  /**
   * Takes a step; `checkpoint` is what a step of that name does, with the watched process on the first processor, and the store
   * is to fail so meanwhile.
   */
  take(step: Step, checkpoint: (faults: FaultPlan) => void = () => {}): void {
    if (step.do === "checkpoint" || step.do === "faulty-checkpoint") {
      this.#meetings.checkpoint();
      this.watch(() => checkpoint("faults" in step ? step.faults : []));
    } else {
      this.model.pid = this.#running[step.processor];
      this.#act(step, step.processor);
    }
    this.compare();
    this.model.pid = this.watched;
  }

  /** Does something while the first processor runs the watched process. */
  watch(act: () => void): void {
    const before = this.#running[0];
    this.#switchTo(0, this.watched);
    this.model.pid = this.watched;
    act();
    this.#switchTo(0, before);
  }

  /** Throws unless a load of every byte of the window gives what the model holds, in every process. */
  compare(): void {
    const { pid } = this.model;
    const found = new Uint8Array(pageBytes);
    for (const each of this.model.pids) {
      this.model.pid = each;
      const view = processOf(this.machine, each);
      // A store at the end of the window reaches over it.
      for (let page = 0; page <= windowPages; page++) this.#comparePage(view, page, found);
    }
    this.model.pid = pid;
  }

  #comparePage(view: ProcessView, page: number, found: Uint8Array): void {
    const expected = this.model.bytesOf(page);
    const seen = peekPage(view, addressOf(page), found);
    const { pid } = this.model;
    if ((seen === "unmapped") !== (expected === undefined)) throw new WrongMemory("corrupted", page, pid);
    if (expected === undefined || isSame(found, expected)) return;
    const mayVanish = this.model.pages.get(page)?.mayVanish === true;
    if (!mayVanish || found.some((byte) => byte !== 0)) throw new WrongMemory("corrupted", page, pid);
    this.model.vanish(page);
    this.#meetings.meet("dropped a freed page");
  }

  #act(step: Exclude<Step, { do: "checkpoint" | "faulty-checkpoint" }>, processor: number): void {
    switch (step.do) {
      case "map":
      case "unmap":
      case "discard":
      case "protect":
      case "move":
      case "free":
      case "advise":
      case "sync":
      case "guard":
        return this.#change(step, this.#picker.pick(step.page));
      case "store":
      case "kernel-store": {
        const offset = this.#picker.pick(step.page) * pageBytes + step.offset;
        return this.#store(step.do, offset, new Uint8Array(step.size).fill(step.value), processor);
      }
      case "load":
        return this.#load(this.#picker.pick(step.page), step.offset, processor);
      case "fork":
        return this.#fork(processor);
      case "exit":
        return this.#exit(processor);
      case "switch":
        return this.#switchTo(processor, this.model.pids[step.nth % this.model.pids.length]);
      case "map-large":
        return this.#map(largeStart, largeCount, 3, { kind: "anonymous" });
      case "reclaim":
        return this.#reclaim(this.#picker.pick(step.page), processor);
      case "migrate":
      case "collapse":
      case "split":
        return this.#rearrange(step.do, this.#picker.pick(step.page), processor);
      case "pin":
        return this.#pin(step.name, this.#picker.pick(step.page), processor);
      case "unpin":
        this.#execute(this.model.pins.has(step.name) ? "done" : "failed", { kind: "unpin-page", name: step.name });
        return this.model.unpin(step.name);
      case "device-store":
        return this.#deviceStore(step.name, step.offset, new Uint8Array(8).fill(step.value));
      case "write-back":
        this.#execute("done", { kind: "write-back", file: "shared" });
        return this.model.writeBack();
      case "clear-soft-dirty":
        this.#tell({ kind: step.do, processor });
    }
  }

  /** What is done to a range of areas. */
  #change(step: Extract<Step, { count: number }>, page: number): void {
    const count = clip(page, step.count);
    switch (step.do) {
      case "map":
        return this.#map(page, Math.min(count, pagesLeft(step.origin)), step.prot, step.origin);
      case "unmap":
        return this.#unmap(page, count);
      case "discard":
        return this.#discard(page, count);
      case "protect":
        return this.#protect(page, count, step.prot);
      case "move":
        return this.#move(page, step.count, this.#picker.pick(step.to));
      case "free":
        this.#meetings.written(page, count, "freed a written page");
        return this.#advise(page, count, MADV_FREE, "free");
      case "advise":
        return this.#advise(page, count, step.onFork === "nothing" ? MADV_DONTFORK : MADV_WIPEONFORK, step.onFork);
      case "sync":
        return this.#sync(page, count);
      case "guard":
        this.#here({ kind: "protect-writes", start: addressOf(page), byteCount: count * pageBytes, mode: "on" });
    }
  }

  #map(page: number, count: number, prot: number, origin: Origin): void {
    if (this.#rule === "takes nothing away" && this.#mapped(page, count) > 0) return;
    this.#meetings.written(page, count, "mapped over a written page");
    for (let i = page; i < page + count; i++) if (this.model.freed.has(i)) this.#meetings.meet("mapped again");
    this.#meetings.meet(`mapped ${origin.kind}`);
    this.#execute("done", mapCommand(page, count, prot, origin));
    this.model.map(page, count, permissionOf(prot), origin);
  }

  #unmap(page: number, count: number): void {
    this.#meetings.written(page, count, "unmapped a written page");
    this.#execute("done", { kind: "unmap-memory", start: addressOf(page), byteCount: count * pageBytes });
    this.model.unmap(page, count);
  }

  #discard(page: number, count: number): void {
    this.#meetings.written(page, count, "discarded a written page");
    const expected = this.#mapped(page, count) === count ? "done" : "failed";
    this.#execute(expected, {
      kind: "advise-memory",
      start: addressOf(page),
      byteCount: count * pageBytes,
      advice: MADV_DONTNEED,
    });
    this.model.discard(page, count);
  }

  #advise(page: number, count: number, advice: number, meaning: "free" | OnFork): void {
    const taken = this.model.advise(page, count, meaning);
    const command = { kind: "advise-memory", start: addressOf(page), byteCount: count * pageBytes, advice } as const;
    this.#execute(taken === "all" ? "done" : "failed", command);
  }

  #sync(page: number, count: number): void {
    const expected = this.#mapped(page, count) === count ? "done" : "failed";
    this.#meetings.shared(page, count, "wrote back a stored page");
    this.#execute(expected, { kind: "sync-memory", start: addressOf(page), byteCount: count * pageBytes, flags: 4 });
    this.model.writeBack(page, count);
  }

  #protect(page: number, count: number, prot: number): void {
    const isWhole = this.#mapped(page, count) === count;
    if (!isWhole && this.model.pages.has(page)) this.#meetings.meet("protected up to a hole");
    this.#execute(isWhole ? "done" : "failed", {
      kind: "protect-memory",
      start: addressOf(page),
      byteCount: count * pageBytes,
      prot,
    });
    this.model.protect(page, count, permissionOf(prot));
  }

  #move(page: number, wanted: number, to: number): void {
    const count = Math.min(clip(page, wanted), clip(to, wanted));
    const byteCount = count * pageBytes;
    const isApart = Math.abs(page - to) >= count;
    const expected = isApart && this.model.pages.has(page) ? "done" : "failed";
    const flags = MREMAP_MAYMOVE | MREMAP_FIXED;
    this.#execute(expected, {
      kind: "move-memory",
      start: addressOf(page),
      oldBytes: byteCount,
      newBytes: byteCount,
      flags,
      to: addressOf(to),
    });
    if (expected === "failed") return;
    this.#meetings.written(page, count, "moved a written page");
    this.model.move(page, count, to);
  }

  #store(kind: "store" | "kernel-store", offset: number, bytes: Uint8Array, processor: number): void {
    const allowed = this.model.allows(offset, bytes.length, "write");
    this.#meetings.store(offset, bytes.length, allowed, processor);
    const result = this.#execute(allowed ? "done" : "faulted", { kind, vaddr: windowStart + offset, bytes, processor });
    // copy_to_user stops at the page that faults; what came before it stays written.
    const page = Math.floor(offset / pageBytes);
    const inFirst = Math.min(bytes.length, (page + 1) * pageBytes - offset);
    const done = allowed ? bytes.length : kind === "kernel-store" && this.model.allows(offset, inFirst, "write") ? inFirst : 0;
    if (result.kind === "faulted") {
      const firstAllowed = this.model.allows(offset, inFirst, "write");
      const expected = windowStart + (firstAllowed ? (page + 1) * pageBytes : offset);
      if (result.fault.vaddr !== expected) throw new Error(`the fault names ${result.fault.vaddr}, not ${expected}`);
    }
    if (done === 0) return;
    this.model.store(offset, bytes.subarray(0, done));
    this.#picker.isIn(page);
  }

  #load(page: number, inPage: number, processor: number): void {
    const offset = page * pageBytes + inPage;
    const allowed = this.model.allows(offset, 8, "read");
    this.#execute(allowed ? "done" : "faulted", { kind: "load", vaddr: windowStart + offset, byteCount: 8, processor });
    if (!allowed) return;
    if (this.model.pages.get(page)?.written === false) this.#meetings.meet("read before it was written");
    if (this.#picker.wasOut(page)) this.#meetings.meet("loaded a page that was out");
    this.#picker.isIn(page);
  }

  #fork(processor: number): void {
    const pid = pids.find((free) => !this.model.pids.includes(free));
    this.#execute(pid === undefined ? "failed" : "done", { kind: "fork-task", pid: pid ?? this.model.pid, processor });
    if (pid === undefined) return;
    this.model.fork(pid);
    this.#meetings.meet("forked");
  }

  /** The last process does not end. */
  #exit(processor: number): void {
    const { pid } = this.model;
    const next = this.model.pids.find((other) => other !== pid);
    if (next === undefined) return;
    this.#execute("done", { kind: "exit-task", processor });
    this.model.exit(next);
    if (this.watched === pid) {
      this.watched = next;
      this.#meetings.watch(next);
    }
    this.#running.forEach((running, each) => {
      if (running === pid) this.#switchTo(each, next);
    });
  }

  #switchTo(processor: number, pid: number): void {
    if (this.#running[processor] === pid) return;
    this.#execute("done", { kind: "switch-task", pid, processor });
    this.#running[processor] = pid;
  }

  /** Which page has a frame, and whether the device has room, is the machine's own business. */
  #reclaim(page: number, processor: number): void {
    const known = this.model.pages.get(page);
    const result = this.#tell({ kind: "reclaim-page", vaddr: addressOf(page), processor });
    if (known === undefined && result.kind !== "failed") throw new Error(`page ${page} of nothing was reclaimed`);
    if (known === undefined || result.kind !== "done") return;
    if (known.sharing === "shared") this.model.writeBack(page, 1);
    if (known.own !== undefined && known.written) this.#meetings.meet("swapped out a written page");
    if (known.own !== undefined && known.twin?.both.stored === false) this.#meetings.meet("swapped out a page of two processes");
    this.#picker.isOut(page);
  }

  /** Other frames, the same bytes. */
  #rearrange(what: "migrate" | "collapse" | "split", page: number, processor: number): void {
    const kind = what === "migrate" ? "migrate-page" : what === "split" ? "split-page" : "collapse-pages";
    const result = this.#tell({ kind, vaddr: addressOf(page), processor });
    if (result.kind === "done" && this.model.pages.get(page)?.written === true) this.#meetings.meet(`${what}: a written page`);
  }

  #pin(name: string, page: number, processor: number): void {
    const isFree = !this.model.pins.has(name);
    const isWritable = this.model.pages.get(page)?.write === true;
    const command = { kind: "pin-page", name, vaddr: addressOf(page), processor } as const;
    this.#execute(isFree && isWritable ? "done" : "failed", command);
    if (isFree && isWritable) this.model.pin(name, page);
  }

  #deviceStore(name: string, offset: number, bytes: Uint8Array): void {
    this.#execute(this.model.pins.has(name) ? "done" : "failed", { kind: "device-store", name, offset, bytes });
    if (this.model.deviceStore(name, offset, bytes) === "seen") this.#meetings.meet("stored by a device");
  }

  #execute(expected: Result["kind"], command: Command): Result {
    const result = this.#here(command);
    if (result.kind !== expected) throw new Error(`${command.kind}: ${JSON.stringify(result)} where ${expected} was expected`);
    return result;
  }

  /** On a processor that runs the process, if no other was named. */
  #here(command: Command): Result {
    const processor = Math.max(0, this.#running.indexOf(this.model.pid));
    return this.#tell({ processor, ...command });
  }

  #tell(command: Command): Result {
    const result = this.machine.execute(command);
    this.#listener(command, result);
    return result;
  }

  #mapped(page: number, count: number): number {
    return Array.from({ length: count }, (_, i) => this.model.pages.has(page + i)).filter(Boolean).length;
  }
}

function permissionOf(prot: number): { readonly read: boolean; readonly write: boolean } {
  return { read: prot !== 0, write: (prot & 2) !== 0 };
}
