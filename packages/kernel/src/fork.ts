// fork(2): a task with a copy of another's memory, which the two share until one of them writes.

import { permissionOf } from "@pagelapse/checkpoint";
import { ensureEntry, flagsOf, frameFlags, isSwapPte, makeEntry, pteFrame, slotOf, writeEntry, zeroFrame } from "@pagelapse/mmu";
import type { Entry } from "@pagelapse/mmu";
import { VM_DONTCOPY, VM_LOCKED, VM_WIPEONFORK } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import { changeEntries } from "./area-effects.ts";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { splitRange } from "./large-pages.ts";
import { endTask } from "./end-task.ts";
import type { Task } from "./machine-state.ts";
import { rootTable } from "./new-task.ts";
import { OutOfFrames } from "./out-of-frames.ts";
import { pinsOf } from "./pins-of.ts";

/** An event's `task` is an index of 16 bits. */
const taskLimit = 2 ** 16;

/**
 * Makes a child of the task that runs: Linux's `dup_mmap` and `copy_page_range`. The child has its areas, but for
 * MADV_DONTFORK, and `check_count`; it runs nowhere yet. The value is its pid. A pid that is asked for is as in clone3(2):
 * EINVAL when it is none, EEXIST when it is another's. EAGAIN: there were too many tasks; ENOMEM: frames ran out, and there is
 * no child.
 */
export function forkTask(core: Core, wantedPid: number | undefined): Result {
  const pid = wantedPid ?? core.state.tasks.reduce((highest, task) => Math.max(highest, task.pid), 0) + 1;
  if (!(Number.isSafeInteger(pid) && pid > 0)) return { kind: "failed", errno: "EINVAL" };
  if (core.state.tasks.some((task) => task.pid === pid && task.state === "alive")) return { kind: "failed", errno: "EEXIST" };
  if (core.state.tasks.length === taskLimit) return { kind: "failed", errno: "EAGAIN" };
  const child = copyTask(core, { pid, parentPid: core.task.pid, isLeftOut: (area) => (area.flags & leftToParent) !== 0 });
  return child === undefined ? { kind: "failed", errno: "ENOMEM" } : { kind: "done", value: pid };
}

/**
 * Makes a child for a checkpoint to read: it has every area, whatever was advised for children, is nobody's child, has the pid 0, which no
 * task is asked for by, and runs nowhere. Its index; `undefined`: frames ran out, or there are too many tasks.
 */
export function snapshotTask(core: Core): number | undefined {
  if (core.state.tasks.length === taskLimit) return undefined;
  return copyTask(core, { pid: 0, parentPid: 0, isLeftOut: () => false });
}

/** Of an area that a child does not get, or gets empty: MADV_DONTFORK, MADV_WIPEONFORK. */
const leftToParent = VM_DONTCOPY | VM_WIPEONFORK;

/** How a child differs from the task that runs. */
interface Child extends Pick<Task, "pid" | "parentPid"> {
  /** Whether the pages of an area stay the parent's alone. */
  readonly isLeftOut: (area: Area) => boolean;
}

/** Returns the child's index; `undefined` when frames ran out, and then there is no child. */
function copyTask(core: Core, { pid, parentPid, isLeftOut }: Child): number | undefined {
  const parent = core.task;
  const child = core.state.tasks.length;
  try {
    const root = core.actFor(child, () => rootTable(core));
    const task: Task = { ...parent, pid, parentPid, root, areas: inherited(parent.areas, isLeftOut) };
    core.actFor(child, () => core.happen({ kind: "task-created", task }));
    for (const area of parent.areas) if (hasOwnPages(area) && !isLeftOut(area)) copyPages(core, child, area);
    return child;
  } catch (reason) {
    if (!(reason instanceof OutOfFrames)) throw reason;
    if (core.state.tasks.length > child) core.actFor(child, () => endTask(core));
    return undefined;
  }
}

/** What the child gets. Each area with pages of its own gets an `anon_vma` of its own (`anon_vma_fork`). */
function inherited(areas: readonly Area[], isLeftOut: Child["isLeftOut"]): readonly Area[] {
  let anonVma = areas.reduce((highest, area) => Math.max(highest, area.anonVma ?? 0), 0);
  return areas
    .filter((area) => (area.flags & VM_DONTCOPY) === 0 || !isLeftOut(area))
    .map((area) => ({
      ...area,
      flags: area.flags & ~VM_LOCKED,
      anonVma: area.anonVma === undefined || isLeftOut(area) ? undefined : ++anonVma,
    }));
}

/**
 * Linux's `vma_needs_copy`: what the page cache can bring back, or nobody has written, the child faults in itself. So of shared
 * memory no entry is copied, and D stays the parent's.
 */
function hasOwnPages(area: Area): boolean {
  return area.anonVma !== undefined;
}

function copyPages(core: Core, child: number, area: Area): void {
  const { root } = core.state.tasks[child];
  splitRange(core, area.start, area.end);
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
 * Linux's `copy_nonpresent_pte`, `copy_present_page` and `__copy_present_ptes`, for private memory: a page can be written through
 * neither entry from now on, and D stays in both; A and userfaultfd's mark are each task's own. A pinned page is copied at
 * once, for its device writes to the parent's frame.
 */
function sharedEntry(core: Core, area: Area, vaddr: number, entry: Entry): { readonly parent: Entry; readonly childs: Entry } {
  const { architecture, frames, ram, recorded, swap } = core;
  const { bits } = architecture;
  if (isSwapPte(bits, entry)) {
    swap.count(slotOf(ram, architecture, entry), 1);
    return { parent: entry, childs: { low: (entry.low & ~architecture.swap.uffdWp) >>> 0, high: entry.high } };
  }
  const pfn = pteFrame(bits, entry);
  if ((flagsOf(ram, pfn) & frameFlags.cache) === 0 && pinsOf(core, pfn) > 0) {
    const copy = core.takeFrame();
    recorded.copyFrame(vaddr, copy, pfn);
    const history = bits.accessed | bits.dirty | bits.softDirty;
    return { parent: entry, childs: makeEntry(bits, copy, permissionOf(area, "own"), history) };
  }
  if (pfn !== zeroFrame(ram)) frames.share(pfn);
  const parent = { low: (entry.low & ~bits.write) >>> 0, high: entry.high };
  return { parent, childs: { low: (parent.low & ~(bits.accessed | bits.uffdWp)) >>> 0, high: entry.high } };
}
