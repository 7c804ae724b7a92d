// One page in the lab report's files.

import { frameBytes } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import { isFailure, kernelBuffer, vfsWrite } from "@pagelapse/vfs";
import type { OpenFile } from "@pagelapse/vfs";
import type { Tracked } from "../tracked.ts";

/*
 * A file is records one after another, without a head, a count or an end. On x86-64 (on i386 an address has 4 bytes):
 *
 *      0                8                        4104 4105
 *     +----------------+------------------------+----+
 *     | address, a word| the page's 4096 bytes  | \n |
 *     +----------------+------------------------+----+
 */

/** Bytes of a whole record. */
export function recordBytes(architecture: Architecture): number {
  return architecture.wordBytes + frameBytes + 1;
}

/** The file's name, `cp_<pid>_<check_count>`. */
export function reportFileName(pid: number, checkCount: number): string {
  return `cp_${pid}_${checkCount}`;
}

/**
 * Three writes, as in the report: what each returns is looked at only to count bytes. The page is read through its user
 * address, which may fault pages in; if it cannot be read, address and newline stand alone.
 */
export function writeRecord(tracked: Tracked, filp: OpenFile, addr: number): number {
  const { store } = tracked;
  const writes = [kernelBuffer(wordOf(tracked.architecture, addr)), tracked.userBuffer(addr, frameBytes), kernelBuffer(newline)];
  return writes.reduce((total, buffer) => {
    const done = vfsWrite(store, filp, buffer);
    return total + (isFailure(done) ? 0 : done);
  }, 0);
}

const newline = Uint8Array.of(0x0a);

/** An `unsigned long` in memory, little-endian. */
function wordOf(architecture: Architecture, value: number): Uint8Array {
  const bytes = new Uint8Array(architecture.wordBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, value & 0xffff_ffff, true);
  if (architecture.wordBytes === 8) view.setUint32(4, Math.floor(value / 0x1_0000_0000), true);
  return bytes;
}
