// A run: events of one key side by side, between two copies of the frame, or the ends of a segment or of a block.

import { frameBytes } from "@pagelapse/mmu";
import { NONE, recordWords } from "./segment-header.ts";

/*
 * RUN RECORD, ten u32:
 *
 *      0 key                     1 position of the first event          2 flags | same length << 16 | number of events
 *      3 data block              4 first byte in the block, raw         5 bytes
 *      6, 7 which of the frame's 64-byte lines are written              8 last segment before this one with this key
 *      9 CRC-32 of the run, where its block is raw: then it is read alone
 *
 * With ALONE, word 4 counts from the segment's first data block instead, so that the record alone says where the run is.
 *
 * RUN, raw: columns one after the other.
 *
 *     [4096 bytes: the frame before the first event]                    if COPY and not ALONE
 *     [u32 where those stand, as word 4 says; u32 their CRC-32]         if COPY and ALONE
 *     [the record of the key's last run in the segment before that      if FIRST and ALONE, where there is one
 *      has any, but for word 0: its place among that one's records]
 *     position of each event minus that of the one before, a varint;    the first is 0: the record has it
 *     place in the frame of each event, u16                             unless the key is a kind's
 *     number of bytes of each event, a varint                           unless SAME LENGTH
 *     the bytes of each event                                           unless the key is that of loads
 *
 * With WHOLE the first event leaves nothing of what was there: no bytes for a frame that became zero, 4,096 for one that was
 * filled, and 4 more before them, the physical address of its source, for one that was copied.
 *
 * The bytes of an event that is no write and no load: i64 virtual address, u16 task, u8 processor, then its detail as JSON, or
 * u32 physical address and u32 length, or nothing where both are 0. Of a fact about a file: u32 bytes of the detail, the detail,
 * the file's bytes.
 */
/** Words of a record. */
export const RECORD = {
  key: 0,
  position: 1,
  count: 2,
  block: 3,
  start: 4,
  bytes: 5,
  maskLow: 6,
  maskHigh: 7,
  previous: 8,
  crc: 9,
} as const;

/** The frame stands before the run's events. */
export const COPY: number = 0x8000_0000;
/** The first event overwrites the whole frame. */
export const WHOLE = 0x4000_0000;
/** All events have the same number of bytes: bits 16 to 23. */
export const SAME_LENGTH = 0x2000_0000;
/** The run is short, and stands where its record says, in a block of short ones. */
export const ALONE = 0x1000_0000;
/** The first run of its key in its segment. */
export const FIRST = 0x0800_0000;
/** Events of a run at most. */
export const longestRun = 0xffff;

/** Bytes of what stands before the detail or the numbers of an event that is no write and no load. */
export const plainPrefixBytes = 11;

/** Bytes of a run before its columns, by words 2 and 8 of its record. */
export function prefixBytes(flags: number, previous: number): number {
  if ((flags & ALONE) === 0) return (flags & COPY) === 0 ? 0 : frameBytes;
  return linkAt(flags) + ((flags & FIRST) !== 0 && previous !== NONE ? recordWords * 4 : 0);
}

/** Where in a run that stands alone the record of the one before begins. */
export function linkAt(flags: number): number {
  return (flags & COPY) === 0 ? 0 : 8;
}
