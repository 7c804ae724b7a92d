// fork(2): a task with a copy of another's memory, which the two share until one of them writes.

import { ensureEntry, isSwapPte, makeEntry, pteFrame, slotOf, writeEntry, zeroFrame } from "@pagelapse/mmu";
import type { Entry } from "@pagelapse/mmu";
import { VM_DONTCOPY, VM_LOCKED, VM_SHARED, VM_WIPEONFORK } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { changeEntries } from "./area-effects.ts";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { endTask } from "./end-task.ts";
import type { Task } from "./machine-state.ts";
import { rootTable } from "./new-task.ts";
import { OutOfFrames } from "./out-of-frames.ts";
import { permissionOf } from "./permission-of.ts";
import { pinsOf } from "./pins-of.ts";

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
  changeEntries(core, area.start, area.end, (vaddr, paddr, entry) => {
    const target = core.actFor(child, () => ensureEntry(core, root, vaddr));
    if (target === undefined) throw new OutOfFrames(core.ramFrames);
    const { parent, childs } = sharedEntry(core, area, vaddr, entry);
    core.actFor(child, () => writeEntry(core, "entry-mapped", vaddr, target, childs));
    if (parent.low === entry.low) return "unused";
    writeEntry(core, "entry-protected", vaddr, paddr, parent);
    return "changed";
  });
}

/**
 * Linux's `copy_nonpresent_pte`, `copy_present_page` and `__copy_present_ptes`: a private page can be written through neither
 * entry from now on, and D stays in both; a shared one is clean in the child. A and userfaultfd's mark are each task's own. A
 * pinned private page is copied at once, for its device writes to the parent's frame.
 */
function sharedEntry(core: Core, area: Area, vaddr: number, entry: Entry): { readonly parent: Entry; readonly childs: Entry } {
  const { architecture, frames, ram, recorded, swap } = core;
  const { bits } = architecture;
  if (isSwapPte(bits, entry)) {
    swap.count(slotOf(ram, architecture, entry), 1);
    return { parent: entry, childs: { low: (entry.low & ~architecture.swap.uffdWp) >>> 0, high: entry.high } };
  }
  const pfn = pteFrame(bits, entry);
  const isShared = (area.flags & VM_SHARED) !== 0;
  if (!isShared && pinsOf(core, pfn) > 0) {
    const copy = core.takeFrame();
    recorded.copyFrame(vaddr, copy, pfn);
    return { parent: entry, childs: makeEntry(bits, copy, permissionOf(area, "own"), bits.dirty | bits.softDirty) };
  }
  if (pfn !== zeroFrame(ram)) frames.share(pfn);
  const parent = isShared ? entry : { low: (entry.low & ~bits.write) >>> 0, high: entry.high };
  const lost = bits.accessed | bits.uffdWp | (isShared ? bits.dirty : 0);
  return { parent, childs: { low: (parent.low & ~lost) >>> 0, high: entry.high } };
}
