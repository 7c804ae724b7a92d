// The process's memory through its own addresses, as the kernel reads and writes it for a system call.

import { catalogue } from "@pagelapse/events";
import { NOT_PRESENT, frameBytes, translate } from "@pagelapse/mmu";
import type { Access } from "@pagelapse/mmu";
import type { IoBuffer } from "@pagelapse/vfs";
import type { Fault } from "./command.ts";
import type { Core } from "./core.ts";
import { hearNextWrite, logWrite } from "./dirty-log.ts";
import { handlePageFault } from "./page-fault.ts";

const KERNEL_STORE = catalogue["kernel-store"].code;

/**
 * The frame of a page for this access, faults handled; or the fault that could not be. An address that is not the program's
 * has no page: the tables, which look at some of its bits only, are not asked.
 */
export function frameFor(core: Core, vpn: number, access: Access): number | Fault {
  const isUsers = vpn >= 0 && vpn * frameBytes < core.architecture.taskSize && core.task.state === "alive";
  for (;;) {
    const frame = isUsers ? translate(core, core.tlb, core.task.root, vpn, access) : NOT_PRESENT;
    if (frame >= 0) {
      if (core.state.dirtyLog !== undefined) (access === "write" ? logWrite : hearNextWrite)(core, vpn, frame);
      return frame;
    }
    const fault = handlePageFault(core, vpn * frameBytes, access);
    if (fault !== undefined) return fault;
  }
}

/**
 * Stores bytes at supervisor privilege through the process's own entries; they fault, break copy-on-write and set A and
 * D as a store of the program does. Linux: `copy_to_user`. A fault leaves the pages before it written; of a range that
 * reaches beyond TASK_SIZE nothing is.
 */
export function copyToUser(core: Core, vaddr: number, bytes: Uint8Array): Fault | undefined {
  return eachPage(core, vaddr, bytes.length, (at, done, count) => {
    const frame = frameFor(core, Math.floor(at / frameBytes), "write");
    if (typeof frame !== "number") return frame;
    const paddr = frame * frameBytes + (at & (frameBytes - 1));
    const part = bytes.subarray(done, done + count);
    core.ram.bytes.set(part, paddr);
    core.log.bytes(KERNEL_STORE, at, paddr, part);
    return undefined;
  });
}

/** Fills `target` from the process's memory. Linux: `copy_from_user`. Bytes before a fault are filled. */
export function copyFromUser(
  core: Core,
  vaddr: number,
  target: Uint8Array,
): { readonly copied: number; readonly fault: Fault | undefined } {
  let copied = 0;
  const fault = eachPage(core, vaddr, target.length, (at, done, count) => {
    const frame = frameFor(core, Math.floor(at / frameBytes), "read");
    if (typeof frame !== "number") return frame;
    core.ram.read(frame * frameBytes + (at & (frameBytes - 1)), target.subarray(done, done + count));
    copied = done + count;
    return undefined;
  });
  return { copied, fault };
}

/** User memory as a buffer of a file operation. */
export function userBuffer(core: Core, vaddr: number, byteCount: number): IoBuffer {
  return {
    address: vaddr,
    byteCount,
    copyFrom: (offset, target) => copyFromUser(core, vaddr + offset, target).copied,
    copyTo(offset, source) {
      const fault = copyToUser(core, vaddr + offset, source);
      return fault === undefined ? source.length : Math.max(0, fault.vaddr - (vaddr + offset));
    },
  };
}

/** Calls `part` for each piece of the range that lies in one page, until one faults. A fault names its first byte. */
function eachPage(
  core: Core,
  vaddr: number,
  byteCount: number,
  part: (at: number, done: number, count: number) => Fault | undefined,
): Fault | undefined {
  // access_ok
  if (vaddr + byteCount > core.architecture.taskSize) return { signal: "SIGSEGV", vaddr, reason: "unmapped" };
  for (let done = 0; done < byteCount;) {
    const at = vaddr + done;
    const count = Math.min(byteCount - done, frameBytes - (at & (frameBytes - 1)));
    const fault = part(at, done, count);
    if (fault !== undefined) return { ...fault, vaddr: at };
    done += count;
  }
  return undefined;
}
