// The pages that the kernel gives to every program ([vdso], [vvar]): they cannot be split.

import type { Area } from "./area.ts";
import { VM_DONTEXPAND } from "./vm-flags.ts";

/** Linux's `special_mapping_vmops`, whose `may_split` always refuses. */
export function isSpecialMapping(area: Area): boolean {
  return area.file === undefined && area.object === undefined && (area.flags & VM_DONTEXPAND) !== 0;
}
