// The lab report's walk with its braces where the listing has them.

import { frameBytes } from "@pagelapse/mmu";
import { isFailure, setFs } from "@pagelapse/vfs";
import { VM_IO, findVmaIndex } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { Tracked } from "../tracked.ts";
import { closeFile, openFile } from "./open-file.ts";
import type { WalkRefused } from "./walk-through-vmas.ts";
import { savePage } from "./walk-through-vmas.ts";

/**
 * How the listing ends. `area = area->vm_next` stands inside the inner loop, so that loop goes on through the list and reads
 * `area->vm_end` after its last area. It can never end otherwise: areas are whole pages and ascend, so `addr`, which begins at
 * the first and moves one page an area at most, stays below every later end. A list of VM_IO areas only ends well.
 */
export type PrintedEnd =
  | { readonly kind: "ended"; readonly pagesSaved: number; readonly byteCount: number }
  | { readonly kind: "null-dereference" };

/** Does what the listing does, write for write, until it ends. */
export function walkAsPrinted(
  tracked: Tracked,
  cpStartAddr: number,
  cpEndAddr: number,
  isInc: 0 | 1,
  filename: string,
): PrintedEnd | WalkRefused {
  const { filp, oldFs } = openFile(tracked.store, filename);
  if (isFailure(filp)) {
    setFs(tracked.store, oldFs);
    return { kind: "refused", reason: filp.errno };
  }
  const { areas } = tracked.space;
  let pagesSaved = 0;
  let byteCount = 0;
  let index = findVmaIndex(areas, cpStartAddr);
  const current = (): Area | undefined => areas[index];
  for (let area = current(); area !== undefined; area = current()) {
    if ((area.flags & VM_IO) !== 0) {
      index++;
      continue;
    }
    let addr = area.start;
    for (let next = current(); next === undefined || addr + frameBytes <= next.end; next = current()) {
      if (next === undefined) {
        // The task dies here. Its file and its address limit would stay as they are; ours are another checkpoint's too.
        closeFile(tracked.store, oldFs, filp);
        return { kind: "null-dereference" };
      }
      if (addr >= cpStartAddr && addr + frameBytes <= cpEndAddr) {
        const written = savePage(tracked, filp, addr, isInc) ?? 0;
        byteCount += written;
        if (written > 0) pagesSaved++;
        addr += frameBytes;
      }
      index++;
    }
  }
  closeFile(tracked.store, oldFs, filp);
  return { kind: "ended", pagesSaved, byteCount };
}
