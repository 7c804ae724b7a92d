// Pins: frames that a device, or another process, writes to behind the back of entries and TLBs.

import { catalogue } from "@pagelapse/events";
import { findLeaf, frameBehind, frameBytes, none, pteUsable, pteWrite, readEntry } from "@pagelapse/mmu";
import type { Result } from "./command.ts";
import type { Core } from "./core.ts";
import { markWritten } from "./page-cache.ts";
import { handlePageFault } from "./page-fault.ts";

const DEVICE_STORE = catalogue["device-store"].code;

/**
 * Pins the page at `vaddr` for writing, under a name: Linux's `pin_user_pages` with FOLL_WRITE, which O_DIRECT, devices and
 * ptrace go through. The page is faulted in as a store would, and keeps this frame. EEXIST: the name is taken; EFAULT: the page may
 * not be written.
 */
export function pinPage(core: Core, name: string, vaddr: number): Result {
  if (core.state.pins.some((pin) => pin.name === name)) return { kind: "failed", errno: "EEXIST" };
  const page = vaddr - (vaddr & (frameBytes - 1));
  const pfn = writableFrame(core, page);
  if (pfn === undefined) return { kind: "failed", errno: "EFAULT" };
  core.frames.share(pfn);
  core.happen({ kind: "page-pinned", pin: { name, pfn } });
  return { kind: "done", value: 0 };
}

/** Ends a pin; the frame is free if nobody else has it. ENOENT: there is no such pin. */
export function unpinPage(core: Core, name: string): Result {
  const pin = core.state.pins.find((known) => known.name === name);
  if (pin === undefined) return { kind: "failed", errno: "ENOENT" };
  core.happen({ kind: "page-unpinned", name });
  core.frames.release(pin.pfn);
  return { kind: "done", value: 0 };
}

/**
 * Stores bytes into a pinned frame. No entry is asked, no D is set: the frame is marked, for reclaim and for a checkpoint to
 * come (`set_page_dirty_lock`). ENOENT: no such pin; EINVAL: the bytes do not lie in the page.
 */
export function storeByDevice(core: Core, name: string, offset: number, bytes: Uint8Array): Result {
  const pin = core.state.pins.find((known) => known.name === name);
  if (pin === undefined) return { kind: "failed", errno: "ENOENT" };
  if (!(Number.isInteger(offset) && offset >= 0 && offset + bytes.length <= frameBytes))
    return { kind: "failed", errno: "EINVAL" };
  const paddr = pin.pfn * frameBytes + offset;
  core.ram.bytes.set(bytes, paddr);
  core.log.bytes(DEVICE_STORE, 0, paddr, bytes);
  markWritten(core, pin.pfn);
  return { kind: "done", value: 0 };
}

/** The frame behind an entry that can be written through; faults are handled, no TLB is filled. `undefined`: not to be had. */
function writableFrame(core: Core, page: number): number | undefined {
  const { architecture, ram } = core;
  const { bits } = architecture;
  if (!(page >= 0 && page < architecture.taskSize)) return undefined;
  for (;;) {
    const leaf = findLeaf(ram, architecture, core.task.root, page);
    const entry = leaf === undefined ? none : readEntry(ram, architecture, leaf.paddr);
    if (leaf !== undefined && pteUsable(bits, entry) && pteWrite(bits, entry)) return frameBehind(bits, leaf.level, entry, page);
    if (handlePageFault(core, page, "write") !== undefined) return undefined;
  }
}
