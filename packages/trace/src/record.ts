// The recorded stream as it is laid out: types of records, and how long each is before its bytes.

/*
 * The stream is the magic `VMERREC1`, then records: a header word, fields of 8 bytes, and bytes padded to 8 with zeros.
 * All little-endian.
 *
 *     63      56 55     48 47                                             0
 *     +---------+---------+-----------------------------------------------+
 *     |  type   |  size   |  address                                      |
 *     +---------+---------+-----------------------------------------------+
 *
 *     LOAD STORE INSTR PC          -                                  STORE: then `size` bytes
 *     MAP START FINAL              length, prot, file offset, n       then n bytes of name, then `length` bytes if prot has 0x100
 *     UNMAP BRK_UP BRK_DOWN ZERO   length
 *     PROTECT                      length, prot
 *     REMAP                        to, length
 *     KERNEL_WRITE SIGNAL_FRAME CONTENT   length                      then `length` bytes
 *     SYSCALL                      result, six arguments              address: its number; size: the thread
 */

/** Name, type and number of fields of every record. */
export const records = {
  LOAD: { type: 0x01, fields: 0 },
  STORE: { type: 0x02, fields: 0 },
  INSTR: { type: 0x03, fields: 0 },
  PC: { type: 0x04, fields: 0 },
  MAP: { type: 0x10, fields: 4 },
  UNMAP: { type: 0x11, fields: 1 },
  PROTECT: { type: 0x12, fields: 2 },
  BRK_UP: { type: 0x13, fields: 1 },
  BRK_DOWN: { type: 0x14, fields: 1 },
  REMAP: { type: 0x15, fields: 2 },
  KERNEL_WRITE: { type: 0x16, fields: 1 },
  START: { type: 0x17, fields: 4 },
  FINAL: { type: 0x18, fields: 4 },
  SYSCALL: { type: 0x19, fields: 7 },
  ZERO: { type: 0x1a, fields: 1 },
  SIGNAL_FRAME: { type: 0x1b, fields: 1 },
  CONTENT: { type: 0x1c, fields: 1 },
} as const;

export type RecordName = keyof typeof records;

/** Name of each type there is. */
export const recordNames: ReadonlyMap<number, RecordName> = new Map(
  Object.keys(records)
    .filter(isRecordName)
    .map((name) => [records[name].type, name]),
);

function isRecordName(name: string): name is RecordName {
  return name in records;
}

/** The first 8 bytes of a stream. */
export const magic = "VMERREC1";

/** In the `prot` of a mapping: its bytes follow. */
export const CONTENT_FOLLOWS = 0x100;
