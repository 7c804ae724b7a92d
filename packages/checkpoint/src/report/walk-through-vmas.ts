// The lab report's `walk_through_VMAs`: every page of a range that a checkpoint is to hold, written out.

import { frameBytes, pteDirty, pteFrame, ptePresent, pteRead, readEntry, visitEntries } from "@pagelapse/mmu";
import { isFailure, setFs } from "@pagelapse/vfs";
import type { OpenFile } from "@pagelapse/vfs";
import { VM_IO, findVmaIndex } from "@pagelapse/vma";
import type { Tracked } from "../tracked.ts";
import { lookupAddressPage } from "./lookup-address-page.ts";
import { closeFile, openFile } from "./open-file.ts";
import { writeRecord } from "./page-record.ts";

/** What a walk did. */
export interface WalkTotals {
  readonly kind: "walked";
  readonly pagesSaved: number;
  readonly byteCount: number;
  /** Pages that a basic checkpoint would have saved here. */
  readonly savablePages: number;
}

/** Why the file did not open; then nothing was written. */
export interface WalkRefused {
  readonly kind: "refused";
  readonly reason: string;
}

/**
 * Writes to `filename` each page that lies wholly inside [cpStartAddr, cpEndAddr) and that `isSaved` wants; follows the prose
 * of the report's Step 2, where the printed listing has two braces in the wrong place (`walkAsPrinted`). The report does not
 * show what follows a failed open: here nothing is written, and the address limit is put back.
 */
export function walkThroughVmas(
  tracked: Tracked,
  cpStartAddr: number,
  cpEndAddr: number,
  isInc: 0 | 1,
  filename: string,
): WalkTotals | WalkRefused {
  const { filp, oldFs } = openFile(tracked.store, filename);
  if (isFailure(filp)) {
    setFs(tracked.store, oldFs);
    return { kind: "refused", reason: filp.errno };
  }
  const totals = { kind: "walked" as const, pagesSaved: 0, byteCount: 0, savablePages: 0 };
  const { areas, root } = tracked.space;
  for (const area of areas.slice(findVmaIndex(areas, cpStartAddr))) {
    if ((area.flags & VM_IO) !== 0) continue;
    // Pages of which lookupAddressPage would say NULL are passed over a table at a time; a reserved terabyte costs nothing.
    visitEntries(tracked.memory, tracked.architecture, root, area.start, area.end, (addr) => {
      if (addr < cpStartAddr || addr + frameBytes > cpEndAddr) return;
      const saved = savePage(tracked, filp, addr, isInc);
      if (saved === undefined) return;
      totals.savablePages++;
      totals.byteCount += saved;
      if (saved > 0) totals.pagesSaved++;
    });
  }
  closeFile(tracked.store, oldFs, filp);
  return totals;
}

/**
 * Writes a page if the report's condition wants it, as it stands: it asks `pte_present` where it must mean "present and
 * dirty", so that every present page is saved every time. `pte_read` is asked of absent entries too, where its bit means
 * something else. Returns the bytes written; `undefined`: not a page that any checkpoint of the report saves.
 */
export function savePage(tracked: Tracked, filp: OpenFile, addr: number, isInc: 0 | 1): number | undefined {
  const { architecture, memory } = tracked;
  const { bits } = architecture;
  const ptep = lookupAddressPage(tracked, addr);
  if (ptep === undefined) return undefined;
  const pte = readEntry(memory, architecture, ptep);
  if (!pteRead(bits, pte)) return undefined;
  if (!(isInc === 0 || tracked.checkCount === 0 || ptePresent(bits, pte) || pteDirty(bits, pte))) return 0;
  // D goes before the page is written, whether that succeeds or not, and the TLB is not told.
  if (isInc === 1 && ptePresent(bits, pte)) tracked.testAndClearDirty(addr, ptep);
  tracked.saved(addr, ptePresent(bits, pte) ? pteFrame(bits, pte) * frameBytes : 0);
  return writeRecord(tracked, filp, addr);
}
