// Physical memory made of a dump: all of it, or the frames somebody kept.

import { frameBytes } from "./physical-memory.ts";
import type { PhysicalMemory } from "./physical-memory.ts";

/** A dump does not have a frame that was asked for. */
export class AbsentFrame extends Error {
  override readonly name = "AbsentFrame";
  readonly pfn: number;

  constructor(pfn: number) {
    super(`the dump has no frame at 0x${(pfn * frameBytes).toString(16)}`);
    this.pfn = pfn;
  }
}

/**
 * Reads frames from wherever they are kept; `frameAt` gives the 4096 bytes of a frame, or `undefined` for one that the dump
 * has not. It is asked again when another frame was read in between. Frame numbers may be as large as an entry can hold.
 *
 * Reading what is not there throws `AbsentFrame`.
 */
export class DumpMemory implements PhysicalMemory {
  readonly frameCount: number;
  readonly #frameAt: (pfn: number) => Uint8Array | undefined;
  #pfn = -1;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** `frameCount` is where physical addresses end: the last frame of the dump, and one. */
  constructor(frameCount: number, frameAt: (pfn: number) => Uint8Array | undefined) {
    this.frameCount = frameCount;
    this.#frameAt = frameAt;
  }

  readWord(paddr: number): number {
    const offset = paddr & (frameBytes - 1);
    return this.#frame((paddr - offset) / frameBytes).getUint32(offset, true);
  }

  read(paddr: number, target: Uint8Array): void {
    const offset = paddr & (frameBytes - 1);
    const { buffer, byteOffset } = this.#frame((paddr - offset) / frameBytes);
    target.set(new Uint8Array(buffer, byteOffset + offset, target.length));
  }

  #frame(pfn: number): DataView {
    if (pfn === this.#pfn) return this.#view;
    const bytes = this.#frameAt(pfn);
    if (bytes === undefined) throw new AbsentFrame(pfn);
    if (bytes.length !== frameBytes) throw new RangeError(`frame ${pfn} of ${bytes.length} bytes: expected ${frameBytes}`);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, frameBytes);
    this.#pfn = pfn;
    return this.#view;
  }
}

/** The memory that a raw dump holds from physical address 0 on; bytes after its last whole frame are not looked at. */
export function rawDump(bytes: Uint8Array): DumpMemory {
  const frameCount = Math.floor(bytes.length / frameBytes);
  return new DumpMemory(frameCount, (pfn) =>
    pfn < frameCount ? bytes.subarray(pfn * frameBytes, (pfn + 1) * frameBytes) : undefined,
  );
}

/** The memory that kept frames make, by their numbers: page tables alone are enough to walk them. */
export function keptFrames(frames: ReadonlyMap<number, Uint8Array>): DumpMemory {
  const last = [...frames.keys()].reduce((a, b) => Math.max(a, b), -1);
  return new DumpMemory(last + 1, (pfn) => frames.get(pfn));
}
