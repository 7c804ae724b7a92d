// Physical memory as its readers see it: the live one, a past one, or one made of an image.

/** Bytes at physical addresses. Reading changes nothing. */
export interface PhysicalMemory {
  /** Frames of 4 KiB; physical addresses end where they end. */
  readonly frameCount: number;
  /** The 32-bit little-endian word at an address that is a multiple of 4. */
  readWord(paddr: number): number;
  /** Fills `target` with the bytes from `paddr` on; they lie in one frame. */
  read(paddr: number, target: Uint8Array): void;
}

/** Bytes of a frame. */
export const frameBytes = 4096;
