// Processes as a checkpoint strategy may see and touch them, whether they run or not.

import type {
  CachedObject,
  CheckpointBegun,
  CheckpointCommitted,
  CheckpointFailed,
  DirtyLogTaken,
  MappedFiles,
  Snapshot,
  Tracked,
  TrackedProcess,
} from "@pagelapse/checkpoint";
import { catalogue } from "@pagelapse/events";
import { flagsOf, frameBehind, frameBytes, frameFlags, framesBehind, pteDirty, readEntry, writeEntry } from "@pagelapse/mmu";
import type { Architecture, Level, PhysicalMemory } from "@pagelapse/mmu";
import type { IoBuffer, Vfs } from "@pagelapse/vfs";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { startDirtyLog, takeDirtyLog } from "./dirty-log.ts";
import { endTask } from "./end-task.ts";
import { flushSpace } from "./flush.ts";
import { snapshotTask } from "./fork.ts";
import type { Task } from "./machine-state.ts";
import { markWritten } from "./page-cache.ts";
import { clearSoftDirty } from "./soft-dirty.ts";
import { userBuffer } from "./user-memory.ts";
import { protectWrites } from "./write-protection.ts";

const SAVED = catalogue["page-saved"].code;

/** A view of one of a machine's tasks that stays with it. */
class TrackedTask implements TrackedProcess {
  protected readonly core: Core;
  readonly #task: number;

  constructor(core: Core, task: number) {
    this.core = core;
    this.#task = task;
  }

  get architecture(): Architecture {
    return this.core.architecture;
  }
  get memory(): PhysicalMemory {
    return this.core.ram;
  }
  get cached(): readonly CachedObject[] {
    return this.core.cached;
  }
  get space(): Task {
    return this.core.state.tasks[this.task];
  }
  get files(): MappedFiles {
    return this.core.files;
  }
  get parentPid(): number {
    return this.space.parentPid;
  }
  get checkCount(): number {
    return this.space.checkCount;
  }

  testAndClearDirty(vaddr: number, paddr: number): boolean {
    const { bits } = this.core.architecture;
    const entry = readEntry(this.core.ram, this.core.architecture, paddr);
    if (!pteDirty(bits, entry)) return false;
    const cleared = { low: (entry.low & ~bits.dirty) >>> 0, high: entry.high };
    this.act(() => writeEntry(this.core, "dirty-cleared", vaddr, paddr, cleared));
    return true;
  }

  takeDirty(vaddr: number, paddr: number, level: Level): void {
    const { architecture, ram } = this.core;
    const first = frameBehind(architecture.bits, level, readEntry(ram, architecture, paddr), vaddr);
    if (!this.testAndClearDirty(vaddr, paddr)) return;
    for (let pfn = first; pfn < first + framesBehind(level); pfn++) markWritten(this.core, pfn);
  }

  clearSoftDirty(): void {
    expectDone(this.act(() => clearSoftDirty(this.core)));
  }

  protectWrites(start: number, byteCount: number): void {
    expectDone(this.act(() => protectWrites(this.core, start, byteCount, "on")));
  }

  flush(): void {
    this.act(() => flushSpace(this.core));
  }

  fork(): Snapshot | undefined {
    const task = this.act(() => snapshotTask(this.core));
    if (task === undefined) return undefined;
    const { core } = this;
    return { view: new TrackedTask(core, task), end: () => core.actFor(task, () => endTask(core)) };
  }

  saved(vaddr: number, paddr: number): void {
    this.act(() => this.core.log.note(SAVED, vaddr, paddr, frameBytes));
  }

  /** Index of the task. */
  protected get task(): number {
    return this.#task;
  }

  /** What happens is about this task, whichever runs. */
  protected act<Outcome>(what: () => Outcome): Outcome {
    return this.core.actFor(this.task, what);
  }
}

/** A view of the task that is at work, whichever that is, and of those that come from it. */
export class TrackedRoot extends TrackedTask implements Tracked {
  constructor(core: Core) {
    super(core, 0);
  }

  protected override get task(): number {
    return this.core.log.task;
  }

  get descendants(): readonly TrackedProcess[] {
    // A child stands behind its parent in the list of tasks.
    const pids = new Set([this.space.pid]);
    return this.core.state.tasks.flatMap(({ pid, parentPid, state }, task) => {
      if (state === "dead" || task === this.task || !pids.has(parentPid)) return [];
      pids.add(pid);
      return [new TrackedTask(this.core, task)];
    });
  }

  get moment(): number {
    return this.core.log.moment;
  }
  get store(): Vfs {
    return this.core.store;
  }
  get losesPins(): boolean {
    return this.core.rules.reuse === "sole-reference" && this.core.state.pins.length > 0;
  }

  dropPending(pfn: number): void {
    this.core.frames.setFlags(pfn, flagsOf(this.core.ram, pfn) & ~frameFlags.pending);
  }

  startDirtyLog(capacity: number): void {
    expectDone(startDirtyLog(this.core, capacity));
  }

  takeDirtyLog(): DirtyLogTaken | undefined {
    const { dirtyLog, tasks } = this.core.state;
    if (dirtyLog === undefined) return undefined;
    expectDone(takeDirtyLog(this.core));
    const living = dirtyLog.pages.filter(({ task }) => tasks[task].state === "alive");
    return { pages: living.map(({ task, vaddr }) => ({ pid: tasks[task].pid, vaddr })), overflow: dirtyLog.overflow };
  }

  userBuffer(vaddr: number, byteCount: number): IoBuffer {
    return userBuffer(this.core, vaddr, byteCount);
  }

  countCheck(): void {
    this.core.happen({ kind: "check-counted" });
  }

  begun(detail: CheckpointBegun): void {
    this.core.happen({ kind: "checkpoint-begun", ...detail });
  }

  committed(detail: CheckpointCommitted): void {
    this.core.happen({ kind: "checkpoint-committed", ...detail });
  }

  failed(detail: CheckpointFailed): void {
    this.core.happen({ kind: "checkpoint-failed", ...detail });
  }
}

/** A strategy asked for what it may not. */
function expectDone(result: Result): void {
  if (result.kind !== "done") throw new Error(`a strategy's request ended in ${JSON.stringify(result)}`);
}
