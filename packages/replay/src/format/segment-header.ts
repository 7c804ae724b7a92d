// A segment: the events of one stretch of time, sorted by what they happened to. Here is its layout, and its header.

import { BadRecording } from "./bad-recording.ts";
import { crc32 } from "./crc32.ts";

/*
 *     SEGMENT = HEADER (96 bytes), data blocks, run records, head
 *
 *     HEADER   0 'PLSG'                  4 u32 number             8 u64 first event       16 u32 events
 *             20 u32 runs               24 u32 data blocks       28 u32 stretches        32 u64 bytes after the header
 *             40 u32 bytes of the head  44 u32 CRC-32 of head    48 u32 directory parts  52 u32 state block
 *             56 u32 segment that has the last state             60 u32 TLB block        64 u32 segment that has the last TLBs
 *             68 u8[16] bitmap of the kinds that happen          84 u32 block of codes   88 u32 0
 *             92 u32 CRC-32 of bytes 0..91
 *
 * Data blocks, in the order of their numbers; each is raw or compressed for itself:
 *
 *     4 a stretch   columns in time order, of 16,384 events each: codes, sites, origins, addresses (`stretch.ts`)
 *     then          runs in order of key, whole ones (`run.ts`): about 32 KiB of long ones a block, or up to 256 KiB of short
 *                   ones, which stand raw; behind a block of short ones a block of the copies of frames that belong to them
 *     then          what codes mean (`code-table.ts`), the sites, the virtual pages, the kinds of each stretch (`summary.ts`)
 *     then          the state, the TLBs, parts of the directory
 *
 * The directory says of each key which segment before this one it was last met in, as numbers plus one, 1,024 keys a
 * part; a part of zeros is left out. It is written where there is enough beside it, in every eighth segment at least.
 *
 *     RUN RECORD, 40 bytes, sorted by key and first event, read in pages of 128 (`run.ts`)
 *
 *     HEAD    a page of run records, 12 bytes: u32 key and u32 first event of its first record, u32 CRC-32 of the page
 *             a data block, 16 bytes: u32 offset, u32 stored bytes | codec << 29, u32 raw bytes, u32 CRC-32 as stored;
 *                 copies of frames have 0 for the last two: each is checked by itself
 *             a directory part, 4 bytes: u32 its number
 *
 * An event is named inside a segment by its position, counted from the segment's first.
 */
const magic = 0x4753_4c50;

/** Bytes of a segment's header. */
export const segmentHeaderBytes = 96;
/** Stands where there is no block, or no segment. */
export const NONE = 0xffff_ffff;
/** Events of a stretch of columns in time order. */
export const stretchEvents = 16_384;
/** Columns of a stretch, a block each. */
export const stretchColumns = 4;
/** Blocks of tables behind those of runs, from `codesBlock` on. */
export const tableBlocks = 4;
/** Records of a page, and words of a record. */
export const pageRecords = 128;
export const recordWords = 10;
export const pageEntryBytes = 12;
export const blockEntryBytes = 16;
/** Keys of a part of the directory. */
export const partKeys = 1024;

/** What a segment's header says. */
export interface SegmentHeader {
  /** Where it stands in the file. */
  readonly offset: number;
  readonly number: number;
  readonly firstEvent: number;
  readonly events: number;
  readonly runs: number;
  readonly blocks: number;
  readonly stretches: number;
  readonly payloadBytes: number;
  readonly headBytes: number;
  readonly headCrc: number;
  readonly directoryParts: number;
  readonly stateBlock: number;
  readonly stateSegment: number;
  readonly tlbBlock: number;
  readonly tlbSegment: number;
  /** The block that says what codes mean; the sites, the virtual pages and the kinds of each stretch are the next ones. */
  readonly codesBlock: number;
  /** A bit for each kind that happens in it, by its code. */
  readonly kinds: Uint8Array;
}

/** Where the next segment stands, or what comes after the last. */
export function segmentEnd(header: SegmentHeader): number {
  return header.offset + segmentHeaderBytes + header.payloadBytes;
}

/** Whether an event of the kind with that code happens in the segment. */
export function hasKind(header: SegmentHeader, code: number): boolean {
  return (header.kinds[code >>> 3] & (1 << (code & 7))) !== 0;
}

/** The header's bytes. */
export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(segmentHeaderBytes);
  const view = new DataView(bytes.buffer);
  const words: readonly (readonly [number, number])[] = [
    [0, magic],
    [4, header.number],
    [16, header.events],
    [20, header.runs],
    [24, header.blocks],
    [28, header.stretches],
    [40, header.headBytes],
    [44, header.headCrc],
    [48, header.directoryParts],
    [52, header.stateBlock],
    [56, header.stateSegment],
    [60, header.tlbBlock],
    [64, header.tlbSegment],
    [84, header.codesBlock],
  ];
  for (const [at, value] of words) view.setUint32(at, value, true);
  view.setBigUint64(8, BigInt(header.firstEvent), true);
  view.setBigUint64(32, BigInt(header.payloadBytes), true);
  bytes.set(header.kinds, 68);
  view.setUint32(92, crc32(bytes, 0, 92), true);
  return bytes;
}

/** A header that stands at `offset`; its numbers agree with each other. Throws `BadRecording`. */
export function decodeSegmentHeader(bytes: Uint8Array, offset: number): SegmentHeader {
  if (bytes.length < segmentHeaderBytes) {
    throw new BadRecording(offset, `${segmentHeaderBytes} bytes of a segment's header`, `${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const word = (at: number): number => view.getUint32(at, true);
  if (word(0) !== magic) throw new BadRecording(offset, "the mark of a segment", "other bytes");
  if (word(92) !== crc32(bytes, 0, 92)) throw new BadRecording(offset + 92, "the checksum of a segment's header", "another");
  const header = {
    offset,
    number: word(4),
    firstEvent: Number(view.getBigUint64(8, true)),
    events: word(16),
    runs: word(20),
    blocks: word(24),
    stretches: word(28),
    payloadBytes: Number(view.getBigUint64(32, true)),
    headBytes: word(40),
    headCrc: word(44),
    directoryParts: word(48),
    stateBlock: word(52),
    stateSegment: word(56),
    tlbBlock: word(60),
    tlbSegment: word(64),
    codesBlock: word(84),
    kinds: bytes.slice(68, 84),
  };
  const headBytes = headBytesOf(header.runs, header.blocks, header.directoryParts);
  if (header.headBytes !== headBytes) throw new BadRecording(offset + 40, `a head of ${headBytes} bytes`, `${header.headBytes}`);
  return header;
}

/** Pages of run records that so many runs take. */
export function pageCountOf(runs: number): number {
  return Math.ceil(runs / pageRecords);
}

/** Bytes of a head. */
export function headBytesOf(runs: number, blocks: number, directoryParts: number): number {
  return pageCountOf(runs) * pageEntryBytes + blocks * blockEntryBytes + directoryParts * 4;
}
