// Buffers of read and write: bytes at an address, whose copying may fault part of the way.

/** Memory that a file operation copies from or to. */
export interface IoBuffer {
  /** Where the buffer lies in the address space, an integer below 2^53; what the address limit is asked about. */
  readonly address: number;
  readonly byteCount: number;
  /** All its bytes, where none of them can fault: files are read into them and written from them without a copy. */
  readonly whole?: Uint8Array;
  /** Fills `target` with the bytes from `offset` on. Returns how many it copied; fewer means that the rest faulted. */
  copyFrom(offset: number, target: Uint8Array): number;
  /** Stores `source` from `offset` on. Returns how many it copied; fewer means that the rest faulted. */
  copyTo(offset: number, source: Uint8Array): number;
}

/**
 * Where every kernel buffer lies: 2^52. That is above the task size of every architecture whose addresses are exact as
 * numbers (x86-64 with four levels ends user space at 2^47 - 4096), so USER_DS refuses it; and 2^52 plus any buffer's
 * length is below 2^53, so the check is exact. A real one, such as 0xffff_8880_0000_0000 on x86-64, is neither.
 */
export const kernelBufferAddress: number = 2 ** 52;

/** Bytes of the kernel's own, as `&addr` on its stack in the lab report. They never fault; `bytes` are shared. */
export function kernelBuffer(bytes: Uint8Array): IoBuffer {
  return {
    address: kernelBufferAddress,
    byteCount: bytes.length,
    whole: bytes,
    copyFrom(offset, target) {
      target.set(bytes.subarray(offset, offset + target.length));
      return target.length;
    },
    copyTo(offset, source) {
      bytes.set(source, offset);
      return source.length;
    },
  };
}
