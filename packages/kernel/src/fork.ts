// fork(2): a task with a copy of another's memory, which the two share until one of them writes.

import {
  ensureEntry,
  frameBytes,
  pteFrame,
  ptePresent,
  pteWrite,
  visitEntries,
  writeEntry,
  zeroFrame,
} from "@pagelapse/mmu";
import type { Entry } from "@pagelapse/mmu";
import { VM_DONTCOPY, VM_LOCKED, VM_SHARED, VM_WIPEONFORK } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { endTask } from "./end-task.ts";
import { flushRange } from "./flush.ts";
import type { Task } from "./machine-state.ts";
import { rootTable } from "./new-task.ts";
import { OutOfFrames } from "./out-of-frames.ts";

/**
 * Makes a child of the task that runs: Linux's `dup_mmap` and `copy_page_range`. The child has its areas, but for
 * MADV_DONTFORK, and `check_count`; it runs nowhere yet. The value is its pid. EAGAIN when the pid is another's; ENOMEM
 * when frames run out, and then there is no child.
 */
export function forkTask(core: Core, wantedPid: number | undefined): Result {
  const parent = core.task;
  const pid = wantedPid ?? core.state.tasks.reduce((highest, task) => Math.max(highest, task.pid), 0) + 1;
  if (core.state.tasks.some((task) => task.pid === pid && task.state === "alive")) return { kind: "failed", errno: "EAGAIN" };
  const child = core.state.tasks.length;
  try {
    const task: Task = { ...parent, pid, root: core.actFor(child, () => rootTable(core)), areas: inherited(parent.areas) };
    core.actFor(child, () => core.happen({ kind: "task-created", task }));
    for (const area of parent.areas) if (isCopied(area)) copyPages(core, child, area);
    return { kind: "done", value: pid };
  } catch (reason) {
    if (!(reason instanceof OutOfFrames)) throw reason;
    if (core.state.tasks.length > child) core.actFor(child, () => endTask(core));
    return { kind: "failed", errno: "ENOMEM" };
  }
}

/** What the child gets. Each area with pages of its own gets an `anon_vma` of its own (`anon_vma_fork`). */
function inherited(areas: readonly Area[]): readonly Area[] {
  let anonVma = areas.reduce((highest, area) => Math.max(highest, area.anonVma ?? 0), 0);
  return areas
    .filter((area) => (area.flags & VM_DONTCOPY) === 0)
    .map((area) => ({
      ...area,
      flags: area.flags & ~VM_LOCKED,
      anonVma: area.anonVma === undefined || (area.flags & VM_WIPEONFORK) !== 0 ? undefined : ++anonVma,
    }));
}

/** Linux's `vma_needs_copy`: what the page cache can bring back, or nobody has written, the child faults in itself. */
function isCopied(area: Area): boolean {
  return area.anonVma !== undefined && (area.flags & (VM_DONTCOPY | VM_WIPEONFORK)) === 0;
}

function copyPages(core: Core, child: number, area: Area): void {
  const { root } = core.state.tasks[child];
  let protectedFrom = area.end;
  let protectedTo = area.start;
  visitEntries(core.ram, core.architecture, core.task.root, area.start, area.end, (vaddr, paddr, entry) => {
    const target = core.actFor(child, () => ensureEntry(core, root, vaddr));
    if (target === undefined) throw new OutOfFrames(core.ram.frameCount);
    const copied = sharedEntry(core, area, entry);
    if (pteWrite(core.architecture.bits, entry) && !pteWrite(core.architecture.bits, copied.parent)) {
      writeEntry(core, "entry-protected", vaddr, paddr, copied.parent);
      protectedFrom = Math.min(protectedFrom, vaddr);
      protectedTo = vaddr + frameBytes;
    }
    core.actFor(child, () => writeEntry(core, "entry-mapped", vaddr, target, copied.child));
  });
  if (protectedFrom < protectedTo) flushRange(core, protectedFrom, protectedTo);
}

/**
 * Linux's `copy_present_page` and `__copy_present_ptes`: a private page can be written through neither entry from now on;
 * a shared one is clean in the child; A is the child's own. D of a private page stays in both.
 */
function sharedEntry(core: Core, area: Area, entry: Entry): { readonly parent: Entry; readonly child: Entry } {
  const { bits } = core.architecture;
  if (!ptePresent(bits, entry)) throw new Error("an entry that is neither none nor present");
  const pfn = pteFrame(bits, entry);
  if (pfn !== zeroFrame(core.ram)) core.frames.share(pfn);
  const isShared = (area.flags & VM_SHARED) !== 0;
  const parent = isShared ? entry : { low: (entry.low & ~bits.write) >>> 0, high: entry.high };
  return { parent, child: { low: (parent.low & ~(bits.accessed | (isShared ? bits.dirty : 0))) >>> 0, high: entry.high } };
}
