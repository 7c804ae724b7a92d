// The address limit of Linux before 5.10: which buffers a file operation may touch, and set_fs to change it.

import type { IoBuffer } from "./io-buffer.ts";

/** Linux: `mm_segment_t`. */
export type AddressLimit = typeof KERNEL_DS | typeof USER_DS;

/** Every address may be touched. */
export const KERNEL_DS = "KERNEL_DS";

/** Only addresses below the task size may be touched: how a system call begins. */
export const USER_DS = "USER_DS";

/** Where the limit is kept: a `Vfs`. Linux: `thread_info`. */
export interface Limited {
  /** Where user addresses end. */
  readonly taskSize: number;
  addressLimit: AddressLimit;
}

/** The limit in force. Linux: `get_fs`. */
export function getFs(vfs: Limited): AddressLimit {
  return vfs.addressLimit;
}

/** Sets the limit until it is set again. Linux: `set_fs`. */
export function setFs(vfs: Limited, limit: AddressLimit): void {
  vfs.addressLimit = limit;
}

/** Runs `act` with every address allowed and puts the limit back: what `set_fs(KERNEL_DS)` is written for. */
export function withKernelLimit<Result>(vfs: Limited, act: () => Result): Result {
  const before = getFs(vfs);
  setFs(vfs, KERNEL_DS);
  try {
    return act();
  } finally {
    setFs(vfs, before);
  }
}

/** Whether the limit allows the whole buffer. Linux: `access_ok`; an empty buffer may stand at the limit itself. */
export function accessOk(vfs: Limited, buffer: IoBuffer): boolean {
  return vfs.addressLimit === KERNEL_DS || buffer.address + buffer.byteCount <= vfs.taskSize;
}
