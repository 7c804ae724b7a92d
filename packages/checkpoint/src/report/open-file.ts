// The lab report's `open_file` and `close_file`: a file for the kernel's own buffers.

import { KERNEL_DS, O_CREAT, O_WRONLY, filpClose, filpOpen, getFs, setFs } from "@pagelapse/vfs";
import type { AddressLimit, Failure, OpenFile, Vfs } from "@pagelapse/vfs";

/** What `openFile` leaves its caller with. The address limit is KERNEL_DS, and `oldFs` is what it was. */
export interface OpenedFile {
  readonly filp: OpenFile | Failure;
  readonly oldFs: AddressLimit;
}

/**
 * Lifts the address limit, without which `vfs_write` would refuse `&addr` and `"\n"`, and opens the file to write at position
 * 0. A file that is there already is not cut (no O_TRUNC).
 */
export function openFile(vfs: Vfs, filename: string): OpenedFile {
  const oldFs = getFs(vfs);
  setFs(vfs, KERNEL_DS);
  return { filp: filpOpen(vfs, filename, O_WRONLY | O_CREAT, 0o644), oldFs };
}

/** Closes the file, whatever comes of it, and puts the address limit back. */
export function closeFile(vfs: Vfs, oldFs: AddressLimit, filp: OpenFile): void {
  filpClose(vfs, filp);
  setFs(vfs, oldFs);
}
