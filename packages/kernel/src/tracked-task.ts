// The process that runs, as a checkpoint strategy may see and touch it.

import type {
  CachedObject,
  CheckpointBegun,
  CheckpointCommitted,
  CheckpointFailed,
  DirtyLogTaken,
  MappedFiles,
  Tracked,
} from "@pagelapse/checkpoint";
import { catalogue } from "@pagelapse/events";
import { flagsOf, frameBehind, frameBytes, frameFlags, framesBehind, pteDirty, readEntry, writeEntry } from "@pagelapse/mmu";
import type { Architecture, Level, PhysicalMemory } from "@pagelapse/mmu";
import type { IoBuffer, Vfs } from "@pagelapse/vfs";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { startDirtyLog, takeDirtyLog } from "./dirty-log.ts";
import { flushSpace } from "./flush.ts";
import type { Task } from "./machine-state.ts";
import { markWritten } from "./page-cache.ts";
import { clearSoftDirty } from "./soft-dirty.ts";
import { userBuffer } from "./user-memory.ts";
import { protectWrites } from "./write-protection.ts";

const SAVED = catalogue["page-saved"].code;

/** A view of a machine's running task that stays with it. */
export class TrackedTask implements Tracked {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  get architecture(): Architecture {
    return this.#core.architecture;
  }
  get memory(): PhysicalMemory {
    return this.#core.ram;
  }
  get cached(): readonly CachedObject[] {
    return this.#core.cached;
  }
  get space(): Task {
    return this.#core.task;
  }
  get files(): MappedFiles {
    return this.#core.files;
  }
  get store(): Vfs {
    return this.#core.store;
  }
  get checkCount(): number {
    return this.#core.task.checkCount;
  }

  get losesPins(): boolean {
    return this.#core.rules.reuse === "sole-reference" && this.#core.state.pins.length > 0;
  }

  testAndClearDirty(vaddr: number, paddr: number): boolean {
    const { bits } = this.#core.architecture;
    const entry = readEntry(this.#core.ram, this.#core.architecture, paddr);
    if (!pteDirty(bits, entry)) return false;
    writeEntry(this.#core, "dirty-cleared", vaddr, paddr, { low: (entry.low & ~bits.dirty) >>> 0, high: entry.high });
    return true;
  }

  takeDirty(vaddr: number, paddr: number, level: Level): void {
    const { architecture, ram } = this.#core;
    const first = frameBehind(architecture.bits, level, readEntry(ram, architecture, paddr), vaddr);
    if (!this.testAndClearDirty(vaddr, paddr)) return;
    for (let pfn = first; pfn < first + framesBehind(level); pfn++) markWritten(this.#core, pfn);
  }

  dropPending(pfn: number): void {
    this.#core.frames.setFlags(pfn, flagsOf(this.#core.ram, pfn) & ~frameFlags.pending);
  }

  clearSoftDirty(): void {
    expectDone(clearSoftDirty(this.#core));
  }

  protectWrites(start: number, byteCount: number): void {
    expectDone(protectWrites(this.#core, start, byteCount, "on"));
  }

  startDirtyLog(capacity: number): void {
    expectDone(startDirtyLog(this.#core, capacity));
  }

  takeDirtyLog(): DirtyLogTaken | undefined {
    const { running, dirtyLog } = this.#core.state;
    if (dirtyLog === undefined) return undefined;
    const task = running[this.#core.log.processor];
    expectDone(takeDirtyLog(this.#core));
    const pages = dirtyLog.pages.filter((page) => page.task === task).map(({ vaddr }) => vaddr);
    return { pages, overflow: dirtyLog.overflow };
  }

  flush(): void {
    flushSpace(this.#core);
  }

  userBuffer(vaddr: number, byteCount: number): IoBuffer {
    return userBuffer(this.#core, vaddr, byteCount);
  }

  countCheck(): void {
    this.#core.happen({ kind: "check-counted" });
  }

  begun(detail: CheckpointBegun): void {
    this.#core.happen({ kind: "checkpoint-begun", ...detail });
  }

  saved(vaddr: number, paddr: number): void {
    this.#core.log.note(SAVED, vaddr, paddr, frameBytes);
  }

  committed(detail: CheckpointCommitted): void {
    this.#core.happen({ kind: "checkpoint-committed", ...detail });
  }

  failed(detail: CheckpointFailed): void {
    this.#core.happen({ kind: "checkpoint-failed", ...detail });
  }
}

/** A strategy asked for what it may not. */
function expectDone(result: Result): void {
  if (result.kind !== "done") throw new Error(`a strategy's request ended in ${JSON.stringify(result)}`);
}
