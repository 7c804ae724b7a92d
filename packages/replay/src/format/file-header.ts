// The first bytes of a recording: that it is one, and of what machine.

import { BadRecording } from "./bad-recording.ts";
import { crc32 } from "./crc32.ts";

/*
 * A recording is one file, written from front to back, all numbers little-endian:
 *
 *     FILE = HEADER SEGMENT* [ FOOTER TRAILER ]
 *
 * What ends early has no footer, and is read by walking from segment to segment.
 *
 *     HEADER   0  89 'P' 'L' 'R' 0D 0A 1A 0A        8 u16 version, u16 0       12 u32 bytes of the description
 *             16 u32 CRC-32 of the description      20 u32 CRC-32 of bytes 0..19
 *             24 the description: JSON; zeros to a multiple of 8
 *
 * Nothing in it is a clock or a path: the same events give the same bytes.
 */
const magic = [0x89, 0x50, 0x4c, 0x52, 0x0d, 0x0a, 0x1a, 0x0a];
const version = 2;

/** Bytes of the header's fixed part. */
export const fileHeaderBytes = 24;

/** More than any description needs: no file makes a reader allocate more. */
const descriptionLimit = 2 ** 20;

/** The machine that a recording is of. */
export interface RecordedMachine {
  /** The name of its architecture. */
  readonly architecture: string;
  /** Frames of RAM, and above them those of the swap device. */
  readonly ramFrames: number;
  readonly swapFrames: number;
  readonly processors: number;
  /** The shape of each processor's TLB. */
  readonly tlb: { readonly sets: number; readonly ways: number };
  /** What else whoever records wants to be known: which trace, which strategy. Plain JSON. */
  readonly about?: unknown;
}

/** The header of a recording of that machine. */
export function encodeFileHeader(machine: RecordedMachine): Uint8Array {
  const description = new TextEncoder().encode(JSON.stringify(machine));
  if (description.length > descriptionLimit) throw new RangeError(`a description of ${description.length} bytes`);
  const header = new Uint8Array(fileHeaderBytes + Math.ceil(description.length / 8) * 8);
  const view = new DataView(header.buffer);
  header.set(magic);
  view.setUint16(8, version, true);
  view.setUint32(12, description.length, true);
  view.setUint32(16, crc32(description), true);
  view.setUint32(20, crc32(header, 0, 20), true);
  header.set(description, fileHeaderBytes);
  return header;
}

/** How many bytes the description takes, of a header's fixed part. Throws `BadRecording`. */
export function descriptionBytes(header: Uint8Array): number {
  if (header.length < fileHeaderBytes) throw new BadRecording(0, `${fileHeaderBytes} bytes of header`, `${header.length} bytes`);
  if (magic.some((byte, index) => header[index] !== byte)) throw new BadRecording(0, "the mark of a recording", "other bytes");
  const view = new DataView(header.buffer, header.byteOffset);
  if (view.getUint32(20, true) !== crc32(header, 0, 20)) throw new BadRecording(20, "the header's checksum", "another");
  if (view.getUint16(8, true) !== version) throw new BadRecording(8, `version ${version}`, `version ${view.getUint16(8, true)}`);
  const length = view.getUint32(12, true);
  if (length > descriptionLimit) throw new BadRecording(12, `at most ${descriptionLimit} bytes of description`, `${length}`);
  return length;
}

/** Where the first segment stands, behind a description of that length. */
export function firstSegmentAt(length: number): number {
  return fileHeaderBytes + Math.ceil(length / 8) * 8;
}

/** The description, checked. Throws `BadRecording`. */
export function decodeDescription(header: Uint8Array, description: Uint8Array): RecordedMachine {
  const view = new DataView(header.buffer, header.byteOffset);
  const crc = crc32(description);
  if (view.getUint32(16, true) !== crc) throw new BadRecording(fileHeaderBytes, "the description's checksum", `${crc}`);
  const text = new TextDecoder().decode(description);
  const machine = parsed(text);
  if (typeof machine !== "object" || machine === null || !isMachine(machine as RecordedMachine)) {
    throw new BadRecording(fileHeaderBytes, "the description of a machine", JSON.stringify(text).slice(0, 80));
  }
  return machine as RecordedMachine;
}

/** The value of a text of JSON; `undefined` for any other text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a recording can be of such a machine: 4 to 2^20 frames, 1 to 64 processors, TLBs as mmu has them. */
export function isMachine({ architecture, ramFrames, swapFrames, processors, tlb }: RecordedMachine): boolean {
  const isCount = (value: unknown, least: number, most: number): boolean =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  const isTlb = isCount(tlb?.sets, 0, 2 ** 16) && (tlb.sets & (tlb.sets - 1)) === 0 && isCount(tlb.ways, 1, 16);
  const areFrames =
    isCount(ramFrames, 0, 2 ** 20) && isCount(swapFrames, 0, 2 ** 20) && isCount(ramFrames + swapFrames, 4, 2 ** 20);
  return typeof architecture === "string" && areFrames && isCount(processors, 1, 64) && isTlb;
}
