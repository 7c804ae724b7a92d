// Where the parts of a task's address space lie, as the decisions about areas ask for it.

import { frameBytes } from "@pagelapse/mmu";
import type { AddressLayout } from "@pagelapse/vma";
import type { Core } from "./core.ts";

const MiB = 2 ** 20;

/** The limits of a Linux as it comes: an 8 MiB stack, 65,530 areas, nothing below 64 KiB, huge pages where they are on by default. */
export function layoutOf(core: Core): AddressLayout {
  const { architecture, task } = core;
  return {
    pageBytes: frameBytes,
    taskSize: architecture.taskSize,
    mmapBase: architecture.mmapBase,
    // TASK_UNMAPPED_BASE: a third of the address space, in whole pages.
    mmapLegacyBase: Math.ceil(architecture.taskSize / 3 / frameBytes) * frameBytes,
    mmapMinimum: 0x1_0000,
    startBrk: task.startBrk,
    brk: task.brk,
    stackLimit: 8 * MiB,
    stackGuardBytes: 256 * frameBytes,
    mapCountLimit: 65_530,
    hugePageBytes: architecture.wordBytes === 8 ? 2 * MiB : 0,
  };
}
