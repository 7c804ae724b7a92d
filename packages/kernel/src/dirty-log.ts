// The dirty log: which pages were stored to, as a hypervisor hears of it, in a ring that can overflow.

import { catalogue } from "@pagelapse/events";
import { flagsOf, frameBytes, frameFlags, zeroFrame } from "@pagelapse/mmu";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { flushProcessor } from "./flush.ts";

const PAGE_FLUSHED = catalogue["tlb-page-flushed"].code;

/*
 * As Intel's page-modification logging (SDM volume 3, 29.3.6) with frames for guest pages: the first store to a frame
 * since the log was last read puts the page in the log. A processor whose TLB holds the page as written does not look again,
 * so reading the log flushes every TLB, and a load of a page that is not in the log leaves nothing in the TLB.
 */

/** Keeps a log of at most `capacity` pages from now on; one that was kept is dropped. EINVAL: there is no room for any page. */
export function startDirtyLog(core: Core, capacity: number): Result {
  if (!(Number.isInteger(capacity) && capacity > 0)) return { kind: "failed", errno: "EINVAL" };
  core.happen({ kind: "dirty-log-started", capacity });
  forget(core);
  return { kind: "done", value: 0 };
}

/**
 * Empties the log, which stands in the state until then: the next store to any page is logged again. The value is how many pages
 * there were, those that did not fit among them. ENOENT: no log is kept.
 */
export function takeDirtyLog(core: Core): Result {
  const log = core.state.dirtyLog;
  if (log === undefined) return { kind: "failed", errno: "ENOENT" };
  core.happen({ kind: "dirty-log-taken" });
  forget(core);
  return { kind: "done", value: log.pages.length + log.overflow };
}

/** Is told of each store that no TLB served while a log is kept; the task at work stores. */
export function logWrite(core: Core, vpn: number, pfn: number): void {
  const flags = flagsOf(core.ram, pfn);
  if ((flags & frameFlags.logged) !== 0) return;
  core.frames.setFlags(pfn, flags | frameFlags.logged);
  core.happen({ kind: "write-logged", vaddr: vpn * frameBytes });
}

/** Is told of each such load: D may stand in its entry from before, and the next store must be heard of. */
export function hearNextWrite(core: Core, vpn: number, pfn: number): void {
  if ((flagsOf(core.ram, pfn) & frameFlags.logged) !== 0) return;
  core.tlb.flushPage(vpn);
  core.log.note(PAGE_FLUSHED, vpn * frameBytes, 0, frameBytes);
}

function forget(core: Core): void {
  for (let pfn = zeroFrame(core.ram) + 1; pfn < core.ramFrames; pfn++) {
    const flags = flagsOf(core.ram, pfn);
    if ((flags & frameFlags.logged) !== 0) core.frames.setFlags(pfn, flags & ~frameFlags.logged);
  }
  if (core.flushing === "omitted") return;
  const here = core.log.processor;
  core.tlbs.forEach((_, processor) => {
    core.log.processor = processor;
    flushProcessor(core);
  });
  core.log.processor = here;
}
