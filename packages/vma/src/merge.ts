// When two neighbouring areas are one: the rule of Linux's `vma_merge_new_range` and `vma_merge_existing_range`.

import type { Area } from "./area.ts";
import { VM_SOFTDIRTY, VM_SPECIAL } from "./vm-flags.ts";

/**
 * Two areas merge if they touch, map the same thing at offsets that go on from one to the other, and have the same flags
 * (VM_SOFTDIRTY aside, none of VM_SPECIAL). Private pages tie an area to an `anon_vma`; two that are tied to different ones stay
 * apart. `[heap]` and `[stack]` are worked out by Linux when it prints them, so they keep nothing apart; `[anon:...]` does.
 */
export function canMerge(left: Area, right: Area): boolean {
  return (
    left.end === right.start &&
    ((left.flags ^ right.flags) & ~VM_SOFTDIRTY) === 0 &&
    (left.flags & VM_SPECIAL) === 0 &&
    left.file === right.file &&
    left.object === right.object &&
    left.offset + (left.end - left.start) === right.offset &&
    (left.anonVma === undefined || right.anonVma === undefined || left.anonVma === right.anonVma) &&
    givenName(left) === givenName(right)
  );
}

/** The one area that two make. VM_SOFTDIRTY is kept, wherever it came from. */
export function mergeAreas(left: Area, right: Area): Area {
  return {
    ...left,
    end: right.end,
    flags: left.flags | (right.flags & VM_SOFTDIRTY),
    name: left.name === "" ? right.name : left.name,
    anonVma: left.anonVma ?? right.anonVma,
  };
}

/** The name that a program gave with prctl(PR_SET_VMA_ANON_NAME). */
function givenName(area: Area): string {
  return area.name.startsWith("[anon:") ? area.name : "";
}
