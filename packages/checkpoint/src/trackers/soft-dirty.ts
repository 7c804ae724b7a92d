// The strategy `soft-dirty`: a bit of the entry that the kernel sets with a fault, and that nobody else takes.

import { findLeaf, isSwapPte, pteSoftDirty } from "@pagelapse/mmu";
import { VM_SOFTDIRTY, areaAt } from "@pagelapse/vma";
import type { Tracked } from "../tracked.ts";
import type { PageTracker } from "./page-tracker.ts";
import { judgePrivatePages, refuseToTakeWrite, takeDirtyOfCache } from "./private-pages.ts";
import { trackingStrategy } from "./tracking-strategy.ts";
import type { Strategy } from "../strategy.ts";

/**
 * Linux's soft-dirty bits (Documentation/admin-guide/mm/soft-dirty.rst), as CRIU reads them. An area that is new or has grown
 * is dirty throughout; the bit is kept through swap, and set where `mremap` moves a page to, so frames need not be compared.
 */
export const softDirtyBits: PageTracker = {
  refusal: (tracked) => refuseWithoutBit(tracked) ?? refuseToTakeWrite(tracked),
  look(tracked) {
    const { areas } = tracked.space;
    const isNew = (vaddr: number): boolean => ((areaAt(areas, vaddr)?.flags ?? VM_SOFTDIRTY) & VM_SOFTDIRTY) !== 0;
    return judgePrivatePages(({ vaddr }) => isNew(vaddr) || isSoftDirty(tracked, vaddr));
  },
  clear(tracked) {
    takeDirtyOfCache(tracked);
    tracked.clearSoftDirty();
  },
};

export const softDirty: Strategy = trackingStrategy({
  name: "soft-dirty",
  claim: "correct",
  summary: "pages whose entry or area is soft-dirty; each first store faults",
  track: () => softDirtyBits,
});

/** Why there is no soft-dirty on some architectures. */
function refuseWithoutBit({ architecture }: Tracked): string | undefined {
  return architecture.bits.softDirty === 0 ? `entries of ${architecture.name} have no soft-dirty bit` : undefined;
}

/** Whether the entry of a page, which may be swapped out, says that it was stored to; where none stands, none says so. */
export function isSoftDirty({ architecture, memory, space }: Tracked, vaddr: number): boolean {
  const { bits, swap } = architecture;
  const leaf = findLeaf(memory, architecture, space.root, vaddr);
  if (leaf === undefined) return false;
  return isSwapPte(bits, leaf.entry) ? (leaf.entry.low & swap.softDirty) !== 0 : pteSoftDirty(bits, leaf.entry);
}
