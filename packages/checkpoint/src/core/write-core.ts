// A process as an ELF core file, which gdb opens: core(5).

import { frameBytes } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import type { MappedFiles } from "../address-space.ts";
import type { MemoryImage } from "../memory-image.ts";
import { addressSpaceOf } from "../restore.ts";
import { coreHead, layOutCore } from "./core-head.ts";
import { coreNotes } from "./core-notes.ts";
import { coreSegments } from "./core-segments.ts";
import { coreMachine } from "./elf-class.ts";
import { SparseWriter } from "./sparse-writer.ts";
import type { PutPiece } from "./sparse-writer.ts";

/** What a core is made with. */
export interface CoreOptions {
  readonly architecture: Architecture;
  /** Untouched pages of mapped files, where somebody has them. */
  readonly files: MappedFiles;
}

/**
 * Puts the core down piece by piece, at rising offsets, in pieces of at most 1 MiB; returns how many bytes the file has. What is put
 * nowhere is zeros: the caller makes the file that long. Each area is one segment or more, in order; what is unknown of it or was left out
 * has no bytes in the file. There are no registers: NT_PRSTATUS has zeros in their place, and a note named "pagelapse" says so. An
 * image without areas gets one for each run of its pages. Throws a `RangeError` for a page outside of all areas, and for a
 * core of 32 bits that would be longer than 4 GiB.
 */
export function writeCore(image: MemoryImage, { architecture, files }: CoreOptions, put: PutPiece): number {
  const { areas } = addressSpaceOf(image, 0);
  const segments = coreSegments(image, areas, files);
  const machine = coreMachine(architecture);
  const notes = coreNotes(machine, image, areas);
  const layout = layOutCore(machine, segments, notes.length);
  const writer = new SparseWriter(put);
  writer.write(0, coreHead(machine, segments, layout));
  writer.write(layout.notesAt, notes);
  const page = new Uint8Array(frameBytes);
  segments.forEach(({ start, end, area, bytes, pages }, index) => {
    if (bytes === "unknown") return;
    // Untouched pages of anonymous memory are zeros.
    for (const vaddr of area.file === undefined ? pages : pagesFrom(start, end)) {
      const held = image.pages.get(vaddr);
      if (held === undefined && area.file !== undefined) files.read(area.file, area.offset + (vaddr - area.start), page);
      writer.write(layout.dataAt[index] + (vaddr - start), held ?? page);
    }
  });
  writer.flush();
  return layout.byteCount;
}

function* pagesFrom(start: number, end: number): Generator<number> {
  for (let vaddr = start; vaddr < end; vaddr += frameBytes) yield vaddr;
}
