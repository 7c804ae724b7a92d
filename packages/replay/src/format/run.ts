// A run: events of one key side by side, between two copies of the frame, or the ends of a segment or of a block.

/*
 * RUN RECORD, ten u32:
 *
 *      0 key                     1 position of the first event          2 flags | same length << 16 | number of events
 *      3 data block              4 first byte in the block, raw         5 bytes
 *      6, 7 which of the frame's 64-byte lines are written              8 last segment before this one with this key
 *      9 CRC-32 of the run, where its block is raw: then it is read alone
 *
 * RUN, raw: columns one after the other.
 *
 *     [4096 bytes: the frame before the first event]                    if COPY
 *     position of each event minus that of the one before, a varint;    the first is 0: the record has it
 *     place in the frame of each event, u16                             unless the key is a kind's
 *     number of bytes of each event, a varint                           unless SAME LENGTH
 *     the bytes of each event                                           unless the key is that of loads
 *
 * With WHOLE the first event leaves nothing of what was there: no bytes for a frame that became zero, 4,096 for one that was
 * filled, and 4 more before them, the physical address of its source, for one that was copied.
 *
 * The bytes of an event that is no write and no load: i64 virtual address, u16 task, u8 processor, then its detail as JSON, or
 * u32 physical address and u32 length, or nothing where both are 0.
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
/** Events of a run at most. */
export const longestRun = 0xffff;

/** Bytes of what stands before the detail or the numbers of an event that is no write and no load. */
export const plainPrefixBytes = 11;
