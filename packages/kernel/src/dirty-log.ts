// The dirty log: which pages were stored to, as a hypervisor hears of it, in a ring that can overflow.

import { flagsOf, frameBytes, frameFlags } from "@pagelapse/mmu";
import type { Core } from "./core.ts";
import { flushProcessor } from "./flush.ts";

/*
 * As Intel's page-modification logging (SDM volume 3, 29.3.6) with frames for guest pages: the first store to a frame
 * since the log was last read puts the page in the log. A processor whose TLB holds the page as written does not look again,
 * so reading the log flushes every TLB.
 */

/** Keeps a log of at most `capacity` pages from now on; one that was kept is dropped. */
export function startDirtyLog(core: Core, capacity: number): void {
  core.happen({ kind: "dirty-log-started", capacity });
  forget(core);
}

/** Empties the log: the next store to any page is logged again. */
export function takeDirtyLog(core: Core): void {
  core.happen({ kind: "dirty-log-taken" });
  forget(core);
}

/** Is told of each store that no TLB served; the task at work stores. */
export function logWrite(core: Core, vpn: number, pfn: number): void {
  const flags = flagsOf(core.ram, pfn);
  if (core.state.dirtyLog === undefined || (flags & frameFlags.logged) !== 0) return;
  core.frames.setFlags(pfn, flags | frameFlags.logged);
  core.happen({ kind: "write-logged", vaddr: vpn * frameBytes });
}

function forget(core: Core): void {
  for (let pfn = 0; pfn < core.ramFrames; pfn++) {
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
