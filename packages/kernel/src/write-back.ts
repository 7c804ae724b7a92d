// Write-back: what programs stored to pages of a file, brought to the file.

import { flagsOf, frameBytes, frameFlags, pteDirty, pteFrame, pteWrite, visitEntries, writeEntry } from "@pagelapse/mmu";
import { VM_LOCKED, VM_SHARED, areasIn } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { flushPage } from "./flush.ts";
import { mappingsOf } from "./mappings-of.ts";
import { cachedFrameAt, placesOf } from "./page-cache.ts";

const MS_ASYNC = 1;
const MS_INVALIDATE = 2;
const MS_SYNC = 4;
const page = new Uint8Array(frameBytes);

/**
 * msync(2). MS_SYNC writes back what the range shares with files; MS_ASYNC does nothing, as Linux has it since 2.6.19: the
 * pages are dirty, and the flusher will come. EINVAL: a start inside a page, or flags that make no sense; EBUSY: MS_INVALIDATE of
 * locked memory, where it stops; ENOMEM: a hole, and what lies around it is done.
 */
export function syncMemory(core: Core, start: number, byteCount: number, flags: number): Result {
  const isContradictory = (flags & MS_ASYNC) !== 0 && (flags & MS_SYNC) !== 0;
  const isUnknown = (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) !== 0;
  if (isUnknown || isContradictory || (start & (frameBytes - 1)) !== 0) return { kind: "failed", errno: "EINVAL" };
  const end = start + Math.ceil(byteCount / frameBytes) * frameBytes;
  let next = start;
  let isWhole = true;
  for (const area of areasIn(core.task.areas, start, end)) {
    if (area.start > next) isWhole = false;
    if ((flags & MS_INVALIDATE) !== 0 && (area.flags & VM_LOCKED) !== 0) return { kind: "failed", errno: "EBUSY" };
    const until = Math.min(area.end, end);
    if ((flags & MS_SYNC) !== 0) writeBackRange(core, area, Math.max(area.start, next), until);
    next = until;
  }
  return isWhole && next >= end ? { kind: "done", value: 0 } : { kind: "failed", errno: "ENOMEM" };
}

function writeBackRange(core: Core, area: Area, start: number, end: number): void {
  if (area.file === undefined || (area.flags & VM_SHARED) === 0) return;
  for (let vaddr = start; vaddr < end; vaddr += frameBytes) {
    const pfn = cachedFrameAt(core, area, vaddr);
    if (pfn !== undefined) writeBackFrame(core, pfn);
  }
}

/** Writes every dirty page of a file back, as the flusher thread does. */
export function writeBackFile(core: Core, file: string): Result {
  for (const { root } of core.cached.filter((object) => object.file === file)) {
    const frames: number[] = [];
    const [{ span, entryCount }] = core.architecture.levels;
    visitEntries(core.ram, core.architecture, root, 0, span * entryCount, (_, __, entry) => {
      frames.push(pteFrame(core.architecture.bits, entry));
    });
    for (const pfn of frames) writeBackFrame(core, pfn);
  }
  return { kind: "done", value: 0 };
}

/**
 * Writes a page of a file back if it is dirty: Linux's `folio_clear_dirty_for_io`. First every entry loses D and W
 * (`folio_mkclean`), so that the next store is noticed; each D taken is kept for a checkpoint to come. Then the file gets the
 * bytes, and PG_dirty goes.
 */
export function writeBackFrame(core: Core, pfn: number): void {
  const { bits } = core.architecture;
  let isDirty = (flagsOf(core.ram, pfn) & frameFlags.dirty) !== 0;
  for (const { task, vaddr, paddr, entry } of mappingsOf(core, pfn)) {
    if (!pteDirty(bits, entry) && !pteWrite(bits, entry)) continue;
    if (pteDirty(bits, entry)) {
      isDirty = true;
      core.frames.setFlags(pfn, flagsOf(core.ram, pfn) | frameFlags.pending);
    }
    core.actFor(task, () => {
      writeEntry(core, "dirty-cleared", vaddr, paddr, { low: (entry.low & ~(bits.dirty | bits.write)) >>> 0, high: entry.high });
      flushPage(core, vaddr);
    });
  }
  if (!isDirty) return;
  core.ram.read(pfn * frameBytes, page);
  for (const { file, offset } of placesOf(core, pfn)) {
    core.files.writeBack(file, offset, page);
    core.log.file("file-written-back", { file, offset }, page);
  }
  core.frames.setFlags(pfn, flagsOf(core.ram, pfn) & ~frameFlags.dirty);
}
