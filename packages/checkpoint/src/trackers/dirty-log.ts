// The strategy `dirty-log`: the hypervisor tells in a ring which pages were stored to.

import type { ImageStrategy } from "../increment/image-strategy.ts";
import type { DirtyLogTaken } from "../tracked.ts";
import { judgePrivatePages, takeDirtyOfCache } from "./private-pages.ts";
import { trackingStrategy } from "./tracking-strategy.ts";

/** Pages that fit in the log: as many as Intel's page-modification log holds. */
const capacity = 512;

/**
 * The log hears of the program's stores and the kernel's, by address; not of what devices store, which frames are marked for,
 * nor of pages that come and go, so a page in another frame or another use of it counts as changed. When pages did not fit,
 * and while no log was kept, every page may have been stored to. A machine has one log, and it has one reader.
 */
export const dirtyLog: ImageStrategy = trackingStrategy({
  name: "dirty-log",
  claim: "correct",
  summary: "pages in a hypervisor's log of 512; all of them when it overflows",
  steps: "apart",
  track() {
    let taken: DirtyLogTaken | undefined;
    return {
      look(tracked) {
        taken = tracked.takeDirtyLog();
        const stored =
          taken === undefined || taken.overflow > 0
            ? undefined
            : new Set(taken.pages.map(({ pid, vaddr }) => `${vaddr} of ${pid}`));
        const isStored = (pid: number, vaddr: number): boolean => stored === undefined || stored.has(`${vaddr} of ${pid}`);
        return judgePrivatePages(({ address, isSameFrame }, { space }) => !isSameFrame || isStored(space.pid, address));
      },
      clear(tracked) {
        takeDirtyOfCache(tracked);
        if (taken === undefined) tracked.startDirtyLog(capacity);
      },
    };
  },
});
