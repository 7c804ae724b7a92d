// Areas as both sides can tell them, and a history done here, to be held against what the kernel said.

import { VM_SOFTDIRTY, isAnonymous } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { Window } from "../histories.ts";
import { formatAreas, page, parseAreas } from "../notation.ts";
import type { AreasText, Line } from "../notation.ts";
import { perform, tinyLayout, verbs } from "../process.ts";
import type { Process, Verbs } from "../process.ts";

/** What one call came to, here or there. */
export interface Answer {
  readonly result: string;
  readonly areas: AreasText;
}

/**
 * What /proc/self/smaps shows: no offset of anonymous memory, no `anon_vma`, one name a file however often it was opened, and of
 * shared anonymous memory which areas are the same. Soft-dirty is left out: few kernels have it.
 */
export function seenAreas(areas: readonly Area[]): AreasText {
  const objects: number[] = [];
  const seen = areas.map((area): Area => {
    const { object, file } = area;
    if (file === undefined && object !== undefined && !objects.includes(object)) objects.push(object);
    return {
      ...area,
      flags: area.flags | VM_SOFTDIRTY,
      offset: isAnonymous(area) ? area.start : area.offset,
      file: file === "r" ? "f" : file,
      object: file === undefined && object !== undefined ? objects.indexOf(object) + 1 : undefined,
      anonVma: undefined,
      name: file === undefined ? (object === undefined ? "" : "/dev/zero (deleted)") : file === "r" ? "f" : file,
    };
  });
  return formatAreas(seen);
}

/** Where the calls happen, on both sides; the break begins within. */
export const window: Window = { first: 100, end: 124, heap: { first: 103, end: 112 }, limit: 200 };

/** As the helper leaves its address space: full but for the window. */
const filled: Process = {
  areas: parseAreas(`1-${window.first} ---s :1000+0; ${window.end}-${window.limit} ---s :1001+0`),
  layout: {
    ...tinyLayout,
    taskSize: window.limit * page,
    mmapBase: window.limit * page,
    mmapLegacyBase: page,
    startBrk: window.heap.first * page,
    brk: window.heap.first * page,
    stackLimit: 2048 * page,
    stackGuardBytes: 256 * page,
    mapCountLimit: 65530,
    hugePageBytes: 512 * page,
  },
};

/** The answers of this package to a history. */
export function answers(lines: readonly Line[], using: Verbs = verbs): readonly Answer[] {
  let process = filled;
  return lines.map((line) => {
    const step = perform(process, line, using);
    process = step.process;
    const inside = process.areas.filter((area) => area.start >= window.first * page && area.end <= window.end * page);
    return { result: step.result, areas: seenAreas(inside) };
  });
}
