// The lab report's `lookup_address_page`: from an address to its page-table entry.

import { findLeaf, frameBytes, framesBehind, pteFrame, pteNone, ptePresent, readEntry, zeroFrame } from "@pagelapse/mmu";
import type { ProcessView } from "../address-space.ts";

/**
 * Physical address of the entry of the page at `addr`; `undefined` where the report returns NULL: no table leads there, the
 * entry is none, or it maps the zero page; or a large page lies there, whose entry `pmd_bad` takes for a broken table.
 */
export function lookupAddressPage(view: ProcessView, addr: number): number | undefined {
  const { architecture, memory } = view;
  const leaf = findLeaf(memory, architecture, view.space.root, addr - (addr & (frameBytes - 1)));
  if (leaf === undefined || framesBehind(leaf.level) > 1) return undefined;
  const ptep = leaf.paddr;
  const pte = readEntry(memory, architecture, ptep);
  const isZeroPage = ptePresent(architecture.bits, pte) && pteFrame(architecture.bits, pte) === zeroFrame(memory);
  return pteNone(pte) || isZeroPage ? undefined : ptep;
}
