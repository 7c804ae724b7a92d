// A machine and a model taken through one history side by side, compared after every step.

import { peekPage } from "@pagelapse/checkpoint";
import { kindOf } from "@pagelapse/events";
import { Machine } from "@pagelapse/kernel";
import type { Command, MachineOptions, Result } from "@pagelapse/kernel";
import { walk } from "@pagelapse/mmu";
import { MADV_DONTNEED, MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED, MREMAP_FIXED, MREMAP_MAYMOVE } from "@pagelapse/vma";
import { Model, filePages, pageBytes } from "./model.ts";
import type { Origin } from "./model.ts";
import { windowPages } from "./step.ts";
import type { Selector, Step } from "./step.ts";

/** Where the window lies: over the end of a last-level table of every architecture. */
const windowStart = 0x3f_c000;

/** Address of a page of the window. */
export function addressOf(page: number): number {
  return windowStart + page * pageBytes;
}

/** What a history may do. */
export type Rule = "anything" | "takes nothing away";

/** A world: taken step by step, it throws when machine and model part. */
export class World {
  readonly machine: Machine;
  readonly model: Model;
  /** What the history met, by name: for showing that histories meet what they must. */
  readonly met: Set<string> = new Set();
  readonly #rule: Rule;
  readonly #written: Set<number>;
  readonly #freed = new Set<number>();
  #recent = 0;

  /** Without a model, a new machine; with one, a machine that holds what the model does. */
  constructor(machine: Machine, model: Model = new Model(), rule: Rule = "anything") {
    this.machine = machine;
    this.model = model;
    this.#rule = rule;
    this.#written = new Set([...model.pages].filter(([, page]) => page.own !== undefined).map(([page]) => page));
    for (const file of ["private", "shared"] as const) {
      model.files[file].forEach((bytes, index) =>
        machine.execute({ kind: "provide-file", file, offset: index * pageBytes, bytes }),
      );
    }
    machine.log.listen((batch) => {
      for (let row = 0; row < batch.count; row++) {
        const kind = kindOf(batch.kind[row]);
        if (kind === "store" || kind === "kernel-store") this.#checkWalk(batch.vaddr[row], batch.paddr[row]);
      }
    });
  }

  /** Takes a step; `checkpoint` is what a step of that name does. */
  take(step: Step, checkpoint: () => void = () => {}): void {
    if (step.do === "checkpoint") checkpoint();
    else this.#act(step);
    this.compare();
  }

  /** Throws unless a load of every byte of the window gives what the model holds. */
  compare(): void {
    const found = new Uint8Array(pageBytes);
    for (let page = 0; page < windowPages; page++) {
      const expected = this.model.bytesOf(page);
      const seen = peekPage(this.machine, addressOf(page), found);
      if ((seen === "unmapped") !== (expected === undefined)) throw new Error(`page ${page} is ${seen}`);
      if (expected !== undefined && Buffer.compare(found, expected) !== 0) throw new Error(`page ${page} differs from the model`);
    }
  }

  #act(step: Exclude<Step, { do: "checkpoint" }>): void {
    const page = this.#resolve(step.page);
    switch (step.do) {
      case "map":
        return this.#map(page, Math.min(clip(page, step.count), pagesLeft(step.origin)), step.prot, step.origin);
      case "unmap":
        return this.#unmap(page, clip(page, step.count));
      case "discard":
        return this.#discard(page, clip(page, step.count));
      case "protect":
        return this.#protect(page, clip(page, step.count), step.prot);
      case "move":
        return this.#move(page, step.count, this.#resolve(step.to));
      case "store":
      case "kernel-store":
        return this.#store(step.do, page * pageBytes + step.offset, new Uint8Array(step.size).fill(step.value));
      case "load":
        return this.#load(page, step.offset);
    }
  }

  #map(page: number, count: number, prot: number, origin: Origin): void {
    if (this.#rule === "takes nothing away" && this.#mapped(page, count) > 0) return;
    this.#meet(page, count, "mapped over a written page");
    for (let i = page; i < page + count; i++) if (this.#freed.has(i)) this.met.add("mapped again");
    this.met.add(`mapped ${origin.kind}`);
    const isAnonymous = origin.kind === "anonymous" || origin.kind === "shared-anonymous";
    const sharing = origin.kind === "anonymous" || origin.kind === "file" ? MAP_PRIVATE : MAP_SHARED;
    const file = sharing === MAP_PRIVATE ? "private" : "shared";
    this.#execute("done", {
      kind: "map-memory",
      start: addressOf(page),
      byteCount: count * pageBytes,
      prot,
      flags: MAP_FIXED | sharing | (isAnonymous ? MAP_ANONYMOUS : 0),
      ...("index" in origin ? { file, offset: origin.index * pageBytes } : {}),
    });
    this.model.map(page, count, permissionOf(prot), origin);
    this.#forget(page, count);
  }

  #unmap(page: number, count: number): void {
    this.#meet(page, count, "unmapped a written page");
    this.#execute("done", { kind: "unmap-memory", start: addressOf(page), byteCount: count * pageBytes });
    for (let i = page; i < page + count; i++) if (this.model.pages.has(i)) this.#freed.add(i);
    this.model.unmap(page, count);
    this.#forget(page, count);
  }

  #discard(page: number, count: number): void {
    this.#meet(page, count, "discarded a written page");
    const expected = this.#mapped(page, count) === count ? "done" : "failed";
    this.#execute(expected, {
      kind: "advise-memory",
      start: addressOf(page),
      byteCount: count * pageBytes,
      advice: MADV_DONTNEED,
    });
    this.model.discard(page, count);
    this.#forget(page, count);
  }

  #protect(page: number, count: number, prot: number): void {
    const isWhole = this.#mapped(page, count) === count;
    if (!isWhole && this.model.pages.has(page)) this.met.add("protected up to a hole");
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
    this.#meet(page, count, "moved a written page");
    const written = Array.from({ length: count }, (_, i) =>
      this.model.pages.has(page + i) ? this.#written.has(page + i) : undefined,
    );
    for (let i = page; i < page + count; i++) if (this.model.pages.has(i)) this.#freed.add(i);
    this.model.move(page, count, to);
    this.#forget(page, count);
    written.forEach((was, i) => {
      if (was === true) this.#written.add(to + i);
      else if (was === false) this.#written.delete(to + i);
    });
  }

  #store(kind: "store" | "kernel-store", offset: number, bytes: Uint8Array): void {
    const allowed = this.model.allows(offset, bytes.length, "write");
    this.#meetStore(offset, bytes.length, allowed);
    const result = this.#execute(allowed ? "done" : "faulted", { kind, vaddr: windowStart + offset, bytes });
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
    for (let i = page; i * pageBytes < offset + done; i++) this.#written.add(i);
  }

  #load(page: number, inPage: number): void {
    const offset = page * pageBytes + inPage;
    const allowed = this.model.allows(offset, 8, "read");
    this.#execute(allowed ? "done" : "faulted", { kind: "load", vaddr: windowStart + offset, byteCount: 8 });
    if (allowed && !this.#written.has(page)) this.met.add("read before it was written");
  }

  #execute(expected: Result["kind"], command: Command): Result {
    const result = this.machine.execute(command);
    if (result.kind !== expected) throw new Error(`${command.kind}: ${JSON.stringify(result)} where ${expected} was expected`);
    return result;
  }

  /** The pure walk leads where the processor went. */
  #checkWalk(vaddr: number, paddr: number): void {
    const { memory, architecture, space } = this.machine;
    const frame = walk(memory, architecture, space.root, vaddr).frame;
    if (frame !== Math.floor(paddr / pageBytes))
      throw new Error(`the walk of ${vaddr} leads to frame ${frame}, not ${paddr / pageBytes}`);
  }

  #meet(page: number, count: number, name: string): void {
    for (let i = page; i < page + count; i++) if (this.#written.has(i)) this.met.add(name);
  }

  #meetStore(offset: number, size: number, allowed: boolean): void {
    const page = Math.floor(offset / pageBytes);
    const known = this.model.pages.get(page);
    const crosses = offset + size > (page + 1) * pageBytes;
    if (crosses && allowed) this.met.add("stored across pages");
    if (crosses && !allowed && known?.write === true) this.met.add("faulted on the second page");
    if (known?.write === false) this.met.add("stored to a read-only page");
    if (allowed && known?.sharing === "private" && known.backing !== undefined && known.own === undefined)
      this.met.add("copied a page of a file");
    if (allowed && known?.sharing === "shared") {
      const mappings = [...this.model.pages.values()].filter((other) => other.backing === known.backing);
      if (mappings.length > 1) this.met.add("stored to a page mapped twice");
    }
  }

  #resolve(selector: Selector): number {
    return (this.#recent = this.#candidate(selector));
  }

  #candidate({ state, nth }: Selector): number {
    if (state === "recent") return this.#recent;
    const all = Array.from({ length: windowPages }, (_, page) => page);
    const candidates = all.filter((page) => {
      const known = this.model.pages.get(page);
      if (state === "mapped") return known !== undefined;
      if (state === "written") return this.#written.has(page);
      if (state === "freed") return this.#freed.has(page) && known === undefined;
      if (state === "readonly") return known?.write === false;
      if (state === "backed") return known?.backing !== undefined;
      return true;
    });
    const pool = candidates.length === 0 ? all : candidates;
    return pool[nth % pool.length];
  }

  #mapped(page: number, count: number): number {
    return Array.from({ length: count }, (_, i) => this.model.pages.has(page + i)).filter(Boolean).length;
  }

  #forget(page: number, count: number): void {
    for (let i = page; i < page + count; i++) this.#written.delete(i);
  }
}

/** Pages from `page` on that lie in the window. */
function clip(page: number, count: number): number {
  return Math.min(count, windowPages - page);
}

/** Pages of a file from a place on; memory that is no file's has no end. */
function pagesLeft(origin: Origin): number {
  return "index" in origin ? filePages - origin.index : Infinity;
}

function permissionOf(prot: number): { readonly read: boolean; readonly write: boolean } {
  return { read: prot !== 0, write: (prot & 2) !== 0 };
}

/** A machine for tiny histories: a small RAM, so that frames are given out again, and a TLB that forgets. */
export function tinyMachine(options: MachineOptions = {}): Machine {
  return new Machine({ frameCount: 96, tlb: { sets: 2, ways: 2 }, ...options });
}
