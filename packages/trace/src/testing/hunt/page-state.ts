// What an entry says of a page, in a few words that can be compared.

import { findLeaf, frameBehind, isSwapPte, pteDirty, pteNone, pteSoftDirty, readEntry, slotOf } from "@pagelapse/mmu";
import type { Architecture, PhysicalMemory } from "@pagelapse/mmu";
import { areaAt } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";

/** A page of a process at a moment. `frame`: of RAM, or the slot of the swap device that its entry names. */
export interface PageState {
  readonly kind: "unmapped" | "untouched" | "present" | "swapped";
  readonly frame: number;
  readonly isDirty: boolean;
  readonly isSoftDirty: boolean;
  /** The page of a file or of shared memory that it shows; `undefined`: none. */
  readonly shown: string | undefined;
}

/** The page at `vaddr` of a process with these areas and that page table. */
export function pageStateOf(
  memory: PhysicalMemory,
  architecture: Architecture,
  { areas, root }: { readonly areas: readonly Area[]; readonly root: number },
  vaddr: number,
): PageState {
  const { bits, swap } = architecture;
  const area = areaAt(areas, vaddr);
  const nothing = { frame: -1, isDirty: false, isSoftDirty: false, shown: undefined } as const;
  if (area === undefined) return { kind: "unmapped", ...nothing };
  const source = area.file ?? area.object;
  const shown = source === undefined ? undefined : `${source}@${area.offset + vaddr - area.start}`;
  const leaf = findLeaf(memory, architecture, root, vaddr);
  const entry = leaf === undefined ? undefined : readEntry(memory, architecture, leaf.paddr);
  if (leaf === undefined || entry === undefined || pteNone(entry)) return { kind: "untouched", ...nothing, shown };
  if (isSwapPte(bits, entry)) {
    const isSoftDirty = (entry.low & swap.softDirty) !== 0;
    return { kind: "swapped", frame: slotOf(memory, architecture, entry), isDirty: false, isSoftDirty, shown };
  }
  return {
    kind: "present",
    frame: frameBehind(bits, leaf.level, entry, vaddr),
    isDirty: pteDirty(bits, entry),
    isSoftDirty: pteSoftDirty(bits, entry),
    shown,
  };
}
