// The strategy `soft-dirty`: a bit of the entry that the kernel sets with a fault, and that nobody else takes.

import { findLeaf, isSwapPte, pteSoftDirty } from "@pagelapse/mmu";
import { VM_SOFTDIRTY, areaAt } from "@pagelapse/vma";
import { processesOf } from "../tracked.ts";
import type { Tracked, TrackedProcess } from "../tracked.ts";
import type { PageTracker } from "./page-tracker.ts";
import { judgePrivatePages, refuseToTakeWrite, takeDirtyOfCache } from "./private-pages.ts";
import type { ImageStrategy } from "../increment/image-strategy.ts";
import { trackingStrategy } from "./tracking-strategy.ts";

/**
 * Linux's soft-dirty bits (Documentation/admin-guide/mm/soft-dirty.rst), as CRIU reads them. An area that is new or has grown
 * is dirty throughout; the bit is kept through swap, and set where `mremap` moves a page to, so frames need not be compared.
 */
export const softDirtyBits: PageTracker = {
  refusal: (tracked) => refuseWithoutBit(tracked) ?? refuseToTakeWrite(tracked),
  look: () => judgePrivatePages(({ address }, process) => isNew(process, address) || isSoftDirty(process, address)),
  clear(tracked) {
    takeDirtyOfCache(tracked);
    for (const process of processesOf(tracked)) process.clearSoftDirty();
  },
};

export const softDirty: ImageStrategy = trackingStrategy({
  name: "soft-dirty",
  claim: "correct",
  summary: "pages whose entry or area is soft-dirty; each first store faults",
  steps: "apart",
  track: () => softDirtyBits,
});

/** Why there is no soft-dirty on some architectures. */
function refuseWithoutBit({ architecture }: Tracked): string | undefined {
  return architecture.bits.softDirty === 0 ? `entries of ${architecture.name} have no soft-dirty bit` : undefined;
}

/** Whether the area of a page came, or grew, since the bits were last cleared. */
function isNew({ space }: TrackedProcess, vaddr: number): boolean {
  return ((areaAt(space.areas, vaddr)?.flags ?? VM_SOFTDIRTY) & VM_SOFTDIRTY) !== 0;
}

/** Whether the entry of a page, which may be swapped out, says that it was stored to; where none stands, none says so. */
export function isSoftDirty({ architecture, memory, space }: TrackedProcess, vaddr: number): boolean {
  const { bits, swap } = architecture;
  const leaf = findLeaf(memory, architecture, space.root, vaddr);
  if (leaf === undefined) return false;
  return isSwapPte(bits, leaf.entry) ? (leaf.entry.low & swap.softDirty) !== 0 : pteSoftDirty(bits, leaf.entry);
}
