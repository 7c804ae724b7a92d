// The machine: the parts made one, with a hot door for traces and `execute` for everything else.

import type { AddressSpace, CachedObject, MappedFiles, ProcessView, Tracked, TreeMemory } from "@pagelapse/checkpoint";
import { EventLog, catalogue } from "@pagelapse/events";
import type { EventBatch, MachineEvent } from "@pagelapse/events";
import { batchesOf, eventsOf } from "@pagelapse/events/rx";
import { Ram, x86_64 } from "@pagelapse/mmu";
import type { Architecture, PhysicalMemory, Tlb, TlbSnapshot } from "@pagelapse/mmu";
import { MemoryFileSystem, createVfs } from "@pagelapse/vfs";
import type { FileSystem } from "@pagelapse/vfs";
import type { Observable } from "rxjs";
import type { Command, Fault, Result } from "./command.ts";
import { Core } from "./core.ts";
import type { KernelRules, TlbShape } from "./core.ts";
import { executeCommand } from "./execute.ts";
import type { MachineState } from "./machine-state.ts";
import { createTask, resumeTree } from "./new-task.ts";
import { ProvidedFiles } from "./provided-files.ts";
import { TrackedRoot } from "./tracked-task.ts";
import { frameFor } from "./user-memory.ts";

/** How a machine is built; what is left out is as said. */
export interface MachineOptions {
  /** x86-64. */
  readonly architecture?: Architecture;
  /** Frames of RAM; 262,144 of them: 1 GiB, of which the host commits what is touched. */
  readonly frameCount?: number;
  /** Pages of the swap device: 0. RAM and swap together have 2^20 frames at most. */
  readonly swapFrames?: number;
  /** As which kernel it swaps, and when it writes private pages in place: 2.6, and `sole-mapping`. */
  readonly swap?: KernelRules["swap"];
  readonly reuse?: KernelRules["reuse"];
  /** How many there are, up to 64: 1. */
  readonly processors?: number;
  /** Each processor's: 64 sets of 4 ways. */
  readonly tlb?: TlbShape;
  /** The pid of its task: 1. */
  readonly pid?: number;
  /** Where the task's break begins: 0, which is for those who never move it. */
  readonly startBrk?: number;
  /** A moment that another machine was in, which this one goes on from: pid, break and `resume` then mean nothing. */
  readonly from?: MachineMoment;
  /** The checkpoint that its tasks go on from, which says pid and break itself; without one its task has no memory. */
  readonly resume?: TreeMemory;
  /** Where its events go: a log of its own. One that is listened to already tells how the machine began. */
  readonly log?: EventLog;
  /** Where checkpoint files go: a file system in memory. */
  readonly store?: FileSystem;
  /** Whether loads are events; they are translated in any case. `dropped`. */
  readonly loads?: "recorded" | "dropped";
}

/** All of a machine at a moment, but for its checkpoint files. */
export interface MachineMoment {
  /** RAM, and above it the swap device; the machine takes it over. There are as many frames as the options say. */
  readonly ram: Ram;
  readonly state: MachineState;
  /** The bytes of mapped files; the machine takes them over. None are known if this is left out. */
  readonly files?: ProvidedFiles;
  /** What each processor's TLB remembers; they have the shape that the options say. */
  readonly tlbs: readonly TlbSnapshot[];
}

const LOAD = catalogue.load.code;

/**
 * A machine whose processors all run its first task, the only one unless it resumes others. The same options and commands give the same bytes, state and events, in any process.
 * RAM that runs out throws `OutOfFrames`.
 */
export class Machine implements ProcessView {
  readonly architecture: Architecture;
  readonly log: EventLog;
  /** The process tree below the task that runs, as a checkpoint strategy sees it. */
  readonly tracked: Tracked;
  readonly #core: Core;
  /** That of the processor at work. */
  #tlb: Tlb;
  readonly #ram: Ram;
  readonly #loads: "recorded" | "dropped";
  /** Holds the part of a store that lies in its second page. */
  readonly #second: Uint32Array = new Uint32Array(18);
  /** Holds a store by hand. */
  readonly #piece: Uint32Array = new Uint32Array(16);
  #lastFault: Fault | undefined;

  constructor(options: MachineOptions = {}) {
    const architecture = options.architecture ?? x86_64;
    const ramFrames = options.frameCount ?? 2 ** 18;
    const frameCount = ramFrames + (options.swapFrames ?? 0);
    const ram = options.from?.ram ?? new Ram(frameCount);
    if (ram.frameCount !== frameCount) throw new RangeError(`RAM of ${ram.frameCount} frames: expected ${frameCount}`);
    const log = options.log ?? new EventLog();
    const observer = (operation: object): void => log.detail(catalogue["file-operated"].code, operation);
    const store = createVfs({ fileSystem: options.store ?? new MemoryFileSystem(), observer, taskSize: architecture.taskSize });
    const { processors = 1, tlb = { sets: 64, ways: 4 }, swap = "2.6", reuse = "sole-mapping" } = options;
    if (!(Number.isInteger(processors) && processors >= 1 && processors <= 64)) {
      throw new RangeError(`${processors} processors: expected 1 to 64`);
    }
    this.architecture = architecture;
    this.log = log;
    this.#core = new Core(
      architecture,
      ram,
      log,
      { ramFrames, processors, tlb, rules: { swap, reuse }, state: options.from?.state },
      options.from?.files ?? new ProvidedFiles(),
      store,
    );
    this.tracked = new TrackedRoot(this.#core);
    this.#tlb = this.#core.tlb;
    this.#ram = ram;
    this.#loads = options.loads ?? "dropped";
    options.from?.tlbs.forEach((snapshot, processor) => this.#core.tlbs[processor].restore(snapshot));
    this.#begin(options);
  }

  /** Batches of events as they are published. A batch is lent: who keeps it takes `batch.copy()`. */
  get batches$(): Observable<EventBatch> {
    return batchesOf(this.log);
  }

  /** The same, one event at a time; these may be kept. */
  get events$(): Observable<MachineEvent> {
    return eventsOf(this.batches$);
  }

  get memory(): PhysicalMemory {
    return this.#ram;
  }
  /** The page cache. */
  get cached(): readonly CachedObject[] {
    return this.#core.cached;
  }
  get state(): MachineState {
    return this.#core.state;
  }
  /** The task that the first processor runs. */
  get space(): AddressSpace {
    return this.#core.task;
  }
  get files(): MappedFiles {
    return this.#core.files;
  }
  /** What the first processor's TLB remembers. */
  get tlb(): Pick<Tlb, "sets" | "ways" | "contents"> {
    return this.#core.tlbs[0];
  }
  /** What each processor's TLB remembers. */
  get tlbs(): readonly Pick<Tlb, "sets" | "ways" | "contents">[] {
    return this.#core.tlbs;
  }
  /** Why the last `store` or `load` that was refused was refused. */
  get lastFault(): Fault | undefined {
    return this.#lastFault;
  }

  /**
   * The hot door: the program of the first processor stores `size` bytes (1 to 64), found at `words[at]` on, at the address whose 32-bit halves
   * are `high` and `low` (as int32). 0 when done; -1 when the program would have got a signal: then no byte was
   * written, and `lastFault` says why. Events are published when a batch is full, and by `flush`.
   */
  store(high: number, low: number, words: Uint32Array, at: number, size: number): number {
    const offset = low & 4095;
    if (offset + size > 4096) return this.#storeAcross(high, low, words, at, size);
    const vpn = high * 0x10_0000 + (low >>> 12);
    let frame = this.#tlb.writable(vpn);
    if (frame < 0) {
      frame = this.#frameForStore(vpn, offset, at);
      if (frame < 0) return -1;
    }
    const paddr = frame * 4096 + offset;
    this.#ram.write(paddr, words, at, size);
    this.log.store(high, low, paddr, words, at, size);
    return 0;
  }

  /** The program loads; see `store`. Only the translation matters: nobody asks for the bytes. */
  load(high: number, low: number, size: number): number {
    const offset = low & 4095;
    const vpn = high * 0x10_0000 + (low >>> 12);
    if (this.#tlb.readable(vpn) < 0 && this.#frameFor(vpn, "read", offset) < 0) return -1;
    if (offset + size > 4096 && this.#tlb.readable(vpn + 1) < 0 && this.#frameFor(vpn + 1, "read", 0) < 0) return -1;
    if (this.#loads === "recorded") this.#noteLoad(vpn, offset, size);
    return 0;
  }

  /** The address of the instruction whose accesses follow; 0 when unknown. */
  programCounter(pc: number): void {
    this.log.site = pc;
  }

  /** Says where in the trace the accesses that follow stand: the origin of a store is `origin + at * 4`. */
  startChunk(origin: number): void {
    this.log.originBase = origin;
  }

  /** Does what a command says; a failure changes what Linux would have changed, and nothing else. Publishes. */
  execute(command: Command): Result {
    this.#runOn(command.processor ?? 0);
    this.#core.flushing = command.flush ?? "done";
    try {
      if (command.kind !== "store" && command.kind !== "load") return executeCommand(this.#core, this.tracked, command);
      if (command.kind === "load") {
        return this.#byPieces(command.vaddr, command.byteCount, (high, low, _, size) => this.load(high, low, size));
      }
      const { vaddr, bytes } = command;
      return this.#byPieces(vaddr, bytes.length, (high, low, at, size) => this.#storePiece(high, low, bytes, at, size));
    } finally {
      // What happened before frames ran out has happened.
      this.#core.flushing = "done";
      this.#runOn(0);
      this.log.flush();
    }
  }

  /** Publishes the events so far. */
  flush(): void {
    this.log.flush();
  }

  /** What it lacks of a task that every processor runs; a moment of another machine lacks nothing but at that one's own beginning. */
  #begin({ resume, pid = 1, startBrk = 0 }: MachineOptions): void {
    const core = this.#core;
    if (core.state.tasks.length === 0) {
      if (resume === undefined) createTask(core, pid, startBrk);
      else resumeTree(core, resume);
    }
    for (let processor = core.state.running.length; processor < core.tlbs.length; processor++) {
      core.happen({ kind: "task-switched", processor, task: 0 });
    }
    core.runOn(0);
  }

  #runOn(processor: number): void {
    if (!(processor in this.#core.tlbs)) throw new RangeError(`processor ${processor} of ${this.#core.tlbs.length}`);
    this.#core.runOn(processor);
    this.#tlb = this.#core.tlb;
  }

  /** An access by hand, as accesses of at most 64 bytes. */
  #byPieces(vaddr: number, byteCount: number, access: (high: number, low: number, at: number, size: number) => number): Result {
    for (let at = 0; at < byteCount; at += 64) {
      const high = Math.floor((vaddr + at) / 0x1_0000_0000);
      const low = (vaddr + at) & 0xffff_ffff;
      if (access(high, low, at, Math.min(64, byteCount - at)) < 0) return { kind: "faulted", fault: this.#lastFault as Fault };
    }
    return { kind: "done", value: 0 };
  }

  #storePiece(high: number, low: number, bytes: Uint8Array, at: number, size: number): number {
    new Uint8Array(this.#piece.buffer).set(bytes.subarray(at, at + size));
    return this.store(high, low, this.#piece, 0, size);
  }

  #frameFor(vpn: number, access: "read" | "write", offset: number): number {
    const frame = frameFor(this.#core, vpn, access);
    if (typeof frame === "number") return frame;
    this.#lastFault = { ...frame, vaddr: frame.vaddr + offset };
    return -1;
  }

  /** What happens on the way to the frame of a store has the store's origin. */
  #frameForStore(vpn: number, offset: number, at: number): number {
    const origin = this.log.originBase;
    this.log.originBase = origin + at * 4;
    const frame = this.#frameFor(vpn, "write", offset);
    this.log.originBase = origin;
    return frame;
  }

  /** A store over the end of a page is two events; both pages are translated before a byte is written. */
  #storeAcross(high: number, low: number, words: Uint32Array, at: number, size: number): number {
    const offset = low & 4095;
    const vpn = high * 0x10_0000 + (low >>> 12);
    const first = this.#frameForStore(vpn, offset, at);
    if (first < 0) return -1;
    const second = this.#frameForStore(vpn + 1, 0, at);
    if (second < 0) return -1;
    const inFirst = 4096 - offset;
    const bytes = new Uint8Array(words.buffer, words.byteOffset + at * 4 + inFirst, size - inFirst);
    new Uint8Array(this.#second.buffer).set(bytes);
    const paddr = first * 4096 + offset;
    this.#ram.write(paddr, words, at, inFirst);
    this.log.store(high, low, paddr, words, at, inFirst);
    const origin = this.log.originBase;
    const next = (vpn + 1) * 4096;
    this.log.originBase = origin + at * 4;
    this.#ram.write(second * 4096, this.#second, 0, size - inFirst);
    this.log.store(Math.floor(next / 0x1_0000_0000), next & 0xffff_ffff, second * 4096, this.#second, 0, size - inFirst);
    this.log.originBase = origin;
    return 0;
  }

  #noteLoad(vpn: number, offset: number, size: number): void {
    const inFirst = Math.min(size, 4096 - offset);
    this.log.note(LOAD, vpn * 4096 + offset, this.#tlbFrame(vpn) * 4096 + offset, inFirst);
    if (inFirst < size) this.log.note(LOAD, (vpn + 1) * 4096, this.#tlbFrame(vpn + 1) * 4096, size - inFirst);
  }

  #tlbFrame(vpn: number): number {
    const cached = this.#tlb.readable(vpn);
    return cached >= 0 ? cached : this.#frameFor(vpn, "read", 0);
  }
}
