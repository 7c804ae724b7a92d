// What an entry for a page of an area allows.

import type { Permission } from "@pagelapse/mmu";
import { VM_ACCESS_FLAGS, VM_EXEC, VM_SHARED, VM_WRITE } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";

/**
 * A private page that is not the process's own is never writable. What may be written or executed can be read: x86 knows no
 * other way (Linux's `protection_map`).
 */
export function permissionOf(area: Area, ownership: "own" | "borrowed"): Permission {
  const isShared = (area.flags & VM_SHARED) !== 0;
  return {
    read: (area.flags & VM_ACCESS_FLAGS) !== 0,
    write: (area.flags & VM_WRITE) !== 0 && (ownership === "own" || isShared),
    execute: (area.flags & VM_EXEC) !== 0,
  };
}
