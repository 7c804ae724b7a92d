// What trackers of a process's entries share: they can only answer for pages that nobody stores to by another way.

import { flagsOf, frameBehind, frameFlags, isSwapPte, pteDirty, visitEntries } from "@pagelapse/mmu";
import { processesOf } from "../tracked.ts";
import type { Tracked, TrackedProcess } from "../tracked.ts";
import { isUntouched } from "./page-tracker.ts";
import type { PageJudge, SeenPage } from "./page-tracker.ts";

/**
 * A judge of private pages. Pages of the page cache, which are stored to through other entries too, are judged by D and their
 * frames; and a frame that is marked was stored to by a device, which no entry hears of, or was cleaned by reclaim.
 */
export function judgePrivatePages(isChanged: (page: SeenPage, process: TrackedProcess) => boolean): PageJudge {
  return (page) => {
    const { process } = page;
    const isUnchanged = process === undefined ? isUntouched(page) : !page.isPending && !isChanged(page, process);
    return isUnchanged ? "unchanged" : "changed";
  };
}

/** Why a tracker that takes W away must not do so now; `undefined` when it may. */
export function refuseToTakeWrite({ losesPins }: Tracked): string | undefined {
  return losesPins ? "this kernel would copy pages that a device has pinned" : undefined;
}

/** Takes D of the pages of the page cache into the marks of their frames, and leaves that of the others to reclaim. */
export function takeDirtyOfCache(tracked: Tracked): void {
  const { architecture, memory } = tracked;
  const { bits } = architecture;
  for (const process of processesOf(tracked)) {
    visitEntries(memory, architecture, process.space.root, 0, architecture.taskSize, (vaddr, paddr, entry, level) => {
      if (isSwapPte(bits, entry) || !pteDirty(bits, entry)) return;
      const flags = flagsOf(memory, frameBehind(bits, level, entry, vaddr));
      if ((flags & frameFlags.cache) !== 0) process.takeDirty(vaddr, paddr, level);
    });
  }
}
