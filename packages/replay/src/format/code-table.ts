// The table of codes of a segment: what events with the same code have in common.

/*
 * Columns of n entries, n being a seventeenth of the table's bytes; a code is a place in them:
 *
 *     u32 key    u32 low half of the page's number    u32 high half    u16 task    u8 kind    u8 mode    u8 processor
 *
 * The page is 0 but for the mode `samePlace`. Task and processor are 0 where they stand with the event's bytes.
 */
/** Bytes of an entry. */
export const codeBytes = 17;

/** A table as it is read. */
export interface CodeTable {
  readonly count: number;
  readonly key: Uint32Array;
  readonly page: Float64Array;
  readonly task: Uint16Array;
  readonly kind: Uint8Array;
  readonly mode: Uint8Array;
  readonly processor: Uint8Array;
}

/** The table in these bytes. */
export function decodeCodeTable(bytes: Uint8Array): CodeTable {
  const count = Math.floor(bytes.length / codeBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const key = new Uint32Array(count);
  const page = new Float64Array(count);
  const task = new Uint16Array(count);
  for (let code = 0; code < count; code++) {
    key[code] = view.getUint32(code * 4, true);
    page[code] = view.getUint32((count + code) * 4, true) + view.getUint32((2 * count + code) * 4, true) * 0x1_0000_0000;
    task[code] = view.getUint16(12 * count + 2 * code, true);
  }
  const column = (index: number): Uint8Array => bytes.subarray(index * count, (index + 1) * count);
  return { count, key, page, task, kind: column(14), mode: column(15), processor: column(16) };
}
