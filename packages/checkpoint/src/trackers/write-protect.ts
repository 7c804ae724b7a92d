// The strategy `write-protect`: every page that is there is write-protected, and a store takes the protection away.

import { findLeaf, isSwapPte } from "@pagelapse/mmu";
import type { ImageStrategy } from "../increment/image-strategy.ts";
import { processesOf } from "../tracked.ts";
import type { Tracked, TrackedProcess } from "../tracked.ts";
import { judgePrivatePages, refuseToTakeWrite, takeDirtyOfCache } from "./private-pages.ts";
import { trackingStrategy } from "./tracking-strategy.ts";

/**
 * Userfaultfd's write protection with UFFD_FEATURE_WP_ASYNC (Linux 6.7), as PAGEMAP_SCAN reads it: what is not marked was
 * written, is new, or was moved there. The mark is kept through swap. Large pages are split, for each is marked by itself.
 */
export const writeProtect: ImageStrategy = trackingStrategy({
  name: "write-protect",
  claim: "correct",
  summary: "pages that lost userfaultfd's write protection; each first store faults",
  steps: "apart",
  track: () => ({
    refusal: (tracked) => refuseWithoutBit(tracked) ?? refuseToTakeWrite(tracked),
    look: () => judgePrivatePages(({ address }, process) => !isProtected(process, address)),
    clear(tracked) {
      takeDirtyOfCache(tracked);
      for (const process of processesOf(tracked)) {
        for (const { start, end } of process.space.areas) process.protectWrites(start, end - start);
      }
    },
  }),
});

function refuseWithoutBit({ architecture }: Tracked): string | undefined {
  return architecture.bits.uffdWp === 0 ? `entries of ${architecture.name} have no bit for userfaultfd` : undefined;
}

function isProtected({ architecture, memory, space }: TrackedProcess, vaddr: number): boolean {
  const { bits, swap } = architecture;
  const entry = findLeaf(memory, architecture, space.root, vaddr)?.entry;
  if (entry === undefined) return false;
  return (entry.low & (isSwapPte(bits, entry) ? swap.uffdWp : bits.uffdWp)) !== 0;
}
