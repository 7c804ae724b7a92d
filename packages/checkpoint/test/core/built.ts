// A core, built in memory piece by piece as a file would be.

import { writeCore } from "@pagelapse/checkpoint";
import type { CoreOptions, MemoryImage } from "@pagelapse/checkpoint";

/** The file, and the pieces that it was put down in. */
export interface BuiltCore {
  readonly bytes: Uint8Array;
  readonly pieces: readonly { readonly offset: number; readonly byteCount: number }[];
}

/** Builds the core, and holds the writer to its promises about pieces. */
export function buildCore(image: MemoryImage, options: CoreOptions): BuiltCore {
  const kept: { offset: number; bytes: Uint8Array }[] = [];
  const byteCount = writeCore(image, options, (offset, bytes) => {
    const last = kept.at(-1);
    if (last !== undefined && offset < last.offset + last.bytes.length)
      throw new Error(`a piece at ${offset}, after one that reaches over it`);
    if (bytes.length === 0 || bytes.length > 2 ** 20) throw new Error(`a piece of ${bytes.length} bytes`);
    kept.push({ offset, bytes: bytes.slice() });
  });
  const bytes = new Uint8Array(byteCount);
  for (const piece of kept) bytes.set(piece.bytes, piece.offset);
  return { bytes, pieces: kept.map((piece) => ({ offset: piece.offset, byteCount: piece.bytes.length })) };
}
