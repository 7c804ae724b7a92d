// Commands carried out: the system calls that change areas, stores by hand, and what the world tells.

import type { Tracked } from "@pagelapse/checkpoint";
import { catalogue } from "@pagelapse/events";
import { MAP_ANONYMOUS, MAP_PRIVATE, MAP_TYPE, brk, madvise, mmap, mprotect, mremap, munmap } from "@pagelapse/vma";
import { frameBytes } from "@pagelapse/mmu";
import type { Outcome } from "@pagelapse/vma";
import { layoutOf } from "./address-layout.ts";
import { applyChange } from "./area-effects.ts";
import type { Command, Fault, Result } from "./command.ts";
import type { Core } from "./core.ts";
import { writeFile } from "./page-cache.ts";
import { endTask } from "./end-task.ts";
import { startDirtyLog, takeDirtyLog } from "./dirty-log.ts";
import { flushPage, flushProcessor, flushSpace } from "./flush.ts";
import { forkTask } from "./fork.ts";
import { collapsePages, splitPage } from "./large-pages.ts";
import { migratePage } from "./migrate.ts";
import { pinPage, storeByDevice, unpinPage } from "./pin.ts";
import { reclaimPage } from "./reclaim.ts";
import { clearSoftDirty } from "./soft-dirty.ts";
import { syncMemory, writeBackFile } from "./write-back.ts";
import { protectWrites } from "./write-protection.ts";
import { sysCpRange } from "./sys-cp-range.ts";
import { copyToUser } from "./user-memory.ts";
import { done } from "./result.ts";

/** The commands that are no access of the program. */
export type RareCommand = Exclude<Command, { readonly kind: "store" | "load" }>;

/** Carries a command out for the task that runs. */
export function executeCommand(core: Core, tracked: Tracked, command: RareCommand): Result {
  if (core.task.state === "dead" && !worlds.has(command.kind)) return { kind: "failed", errno: "ESRCH" };
  const { areas } = core.task;
  const layout = layoutOf(core);
  switch (command.kind) {
    case "map-memory":
      return decide(
        core,
        mmap(areas, layout, isSharedAnonymous(command) ? { ...command, object: core.state.nextObject } : command),
      );
    case "unmap-memory":
      return decide(core, munmap(areas, layout, command));
    case "protect-memory":
      return decide(core, mprotect(areas, layout, command));
    case "move-memory":
      return decide(core, mremap(areas, layout, command));
    case "move-break":
      return decide(core, brk(areas, layout, command));
    case "advise-memory":
      return decide(core, madvise(areas, layout, command));
    case "fork-task":
      return forkTask(core, command.pid);
    case "exit-task":
      endTask(core);
      return done;
    case "switch-task":
      return switchTask(core, command.pid);
    case "sync-memory":
      return syncMemory(core, command.start, command.byteCount, command.flags);
    case "write-back":
      return writeBackFile(core, command.file);
    case "reclaim-page":
      return reclaimPage(core, pageOf(command.vaddr));
    case "migrate-page":
      return migratePage(core, pageOf(command.vaddr));
    case "split-page":
      return splitPage(core, pageOf(command.vaddr));
    case "collapse-pages":
      return collapsePages(core, pageOf(command.vaddr));
    case "pin-page":
      return pinPage(core, command.name, command.vaddr);
    case "unpin-page":
      return unpinPage(core, command.name);
    case "device-store":
      return storeByDevice(core, command.name, command.offset, command.bytes);
    case "clear-soft-dirty":
      return clearSoftDirty(core);
    case "protect-writes":
      return protectWrites(core, command.start, command.byteCount, command.mode);
    case "start-dirty-log":
      return startDirtyLog(core, command.capacity);
    case "take-dirty-log":
      return takeDirtyLog(core);
    case "flush-tlb":
      flush(core, command.scope, command.vaddr);
      return done;
    case "kernel-store":
      return settle(copyToUser(core, command.vaddr, command.bytes));
    case "checkpoint-range":
      return sysCpRange(core, tracked, command.startPointer, command.endPointer, command.incremental);
    case "provide-file":
      writeFile(core, command.file, command.offset, command.bytes);
      return { kind: "done", value: 0 };
    case "note-system-call": {
      const { kind: _, ...call } = command;
      core.log.detail(catalogue["system-called"].code, call);
      return { kind: "done", value: command.result };
    }
  }
}

/** What the world does, and no task: it goes on when the processor's task is dead. */
const worlds: ReadonlySet<RareCommand["kind"]> = new Set([
  "switch-task",
  "write-back",
  "unpin-page",
  "device-store",
  "start-dirty-log",
  "take-dirty-log",
  "provide-file",
  "note-system-call",
]);

/** Memory of no file that several can map: each such call makes an object of its own. */
function isSharedAnonymous({ flags }: { readonly flags: number }): boolean {
  return (flags & MAP_ANONYMOUS) !== 0 && (flags & MAP_TYPE) !== MAP_PRIVATE;
}

/** Another root is loaded: the processor remembers nothing. ESRCH when no such task lives. */
function switchTask(core: Core, pid: number): Result {
  const task = core.state.tasks.findIndex((known) => known.pid === pid && known.state === "alive");
  // A snapshot for a checkpoint has the pid 0, and never runs.
  if (task === -1 || pid === 0) return { kind: "failed", errno: "ESRCH" };
  const { processor } = core.log;
  if (core.state.running[processor] !== task) {
    core.happen({ kind: "task-switched", processor, task });
    flushProcessor(core);
    core.runOn(processor);
  }
  return { kind: "done", value: 0 };
}

function flush(core: Core, scope: "page" | "space" | "processor", vaddr: number): void {
  if (scope === "page") flushPage(core, pageOf(vaddr));
  else if (scope === "space") flushSpace(core);
  else flushProcessor(core);
}

function pageOf(vaddr: number): number {
  return vaddr - (vaddr & (frameBytes - 1));
}

/** Lets the changes that a verb decided on happen: all that Linux would have made, whether it failed or not. */
function decide(core: Core, outcome: Outcome): Result {
  for (const change of outcome.changes) applyChange(core, change);
  return outcome.errno === undefined ? { kind: "done", value: outcome.value } : { kind: "failed", errno: outcome.errno };
}

function settle(fault: Fault | undefined): Result {
  return fault === undefined ? { kind: "done", value: 0 } : { kind: "faulted", fault };
}
