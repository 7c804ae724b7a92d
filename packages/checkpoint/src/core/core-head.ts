// What stands before the notes of a core: the header of the file, and those of its segments.

import { frameBytes } from "@pagelapse/mmu";
import { segmentFlags } from "./core-segments.ts";
import type { CoreSegment } from "./core-segments.ts";
import { putWord } from "./elf-class.ts";
import type { CoreMachine } from "./elf-class.ts";

/** Where everything stands, in bytes from the beginning. */
export interface CoreLayout {
  readonly notesAt: number;
  readonly notesBytes: number;
  /** Of each segment. */
  readonly dataAt: readonly number[];
  readonly byteCount: number;
}

/** More program headers than e_phnum can tell: it holds this, and a section header has their number. */
const manyHeaders = 0xffff;

/** Lays out headers, notes and the bytes of segments, which begin at multiples of 4096. Throws a `RangeError` beyond what 32 bits can tell. */
export function layOutCore({ elf }: CoreMachine, segments: readonly CoreSegment[], notesBytes: number): CoreLayout {
  const count = segments.length + 1;
  const sections = count >= manyHeaders ? elf.sectionHeaderBytes : 0;
  const notesAt = elf.headerBytes + sections + count * elf.programHeaderBytes;
  let byteCount = Math.ceil((notesAt + notesBytes) / frameBytes) * frameBytes;
  const dataAt = segments.map(({ start, end, bytes }) => {
    const at = byteCount;
    if (bytes === "known") byteCount += end - start;
    return at;
  });
  if (elf.wordBytes === 4 && byteCount >= 2 ** 32) throw new RangeError(`a core of 32 bits cannot have ${byteCount} bytes`);
  return { notesAt, notesBytes, dataAt, byteCount };
}

/** The bytes before the notes: headers of the file, of a section where one must be, and of the segments. */
export function coreHead({ elf, machine }: CoreMachine, segments: readonly CoreSegment[], layout: CoreLayout): Uint8Array {
  const bytes = new Uint8Array(layout.notesAt);
  const view = new DataView(bytes.buffer);
  const count = segments.length + 1;
  const isMany = count >= manyHeaders;
  const [phoff, shoff, , sizes] = elf.headerFields;
  const firstSegment = elf.headerBytes + (isMany ? elf.sectionHeaderBytes : 0);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, elf.ident, 1, 1]);
  view.setUint16(16, 4, true); // ET_CORE
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  putWord(elf, view, phoff, firstSegment);
  putWord(elf, view, shoff, isMany ? elf.headerBytes : 0);
  const halves = [elf.headerBytes, elf.programHeaderBytes, isMany ? manyHeaders : count, elf.sectionHeaderBytes, isMany ? 1 : 0];
  halves.forEach((half, index) => view.setUint16(sizes + 2 * index, half, true));
  if (isMany) view.setUint32(elf.headerBytes + elf.sectionInfo, count, true);

  const putSegment = (
    index: number,
    type: number,
    flags: number,
    words: readonly [number, number, number, number, number],
  ): void => {
    const at = firstSegment + index * elf.programHeaderBytes;
    const fields = elf.segmentFields;
    view.setUint32(at, type, true);
    view.setUint32(at + fields.flags, flags, true);
    const places = [fields.offset, fields.vaddr, fields.fileSize, fields.memorySize, fields.align];
    places.forEach((place, word) => putWord(elf, view, at + place, words[word]));
  };
  putSegment(0, 4, 0, [layout.notesAt, 0, layout.notesBytes, 0, 4]); // PT_NOTE
  segments.forEach(({ start, end, area, bytes: known }, index) => {
    const fileSize = known === "known" ? end - start : 0;
    putSegment(index + 1, 1, segmentFlags(area), [layout.dataAt[index], start, fileSize, end - start, frameBytes]); // PT_LOAD
  });
  return bytes;
}
