// CRIU's image files: magics, then records.

import { BadImage } from "../bad-image.ts";
import { MessageReader, encodeMessage } from "./message.ts";
import type { MessageType } from "./message.ts";

/*
 * Little-endian, as of CRIU's image version 1.1 (criu/include/magic.h, criu/image.c):
 *
 *     0  0x54564319, the magic of all images; the inventory, which says the version, does not have it
 *     4  the magic of this kind of image
 *     8  records: the byte count of a message (u32), and the message
 */

/** IMG_COMMON_MAGIC */
const commonMagic = 0x5456_4319;

/** The kinds of image, by their magic. */
const magics = {
  inventory: 0x5831_3116,
  pstree: 0x5027_3030,
  core: 0x5505_3847,
  mm: 0x5749_2820,
  pagemap: 0x5608_4025,
  files: 0x5630_3138,
  memfd: 0x4845_3499,
} as const;

/** A kind of image. */
export type RecordKind = keyof typeof magics;

/** Puts messages behind magics. */
export function encodeRecords(kind: RecordKind, messages: readonly Uint8Array[]): Uint8Array {
  const head = headOf(kind);
  const size = messages.reduce((sum, message) => sum + 4 + message.length, head.length * 4);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  head.forEach((magic, index) => view.setUint32(index * 4, magic, true));
  let at = head.length * 4;
  for (const message of messages) {
    view.setUint32(at, message.length, true);
    bytes.set(message, at + 4);
    at += 4 + message.length;
  }
  return bytes;
}

/** A file of one kind whose records are all of one type. */
export function encodeAll<T>(kind: RecordKind, type: MessageType<T>, values: readonly T[]): Uint8Array {
  return encodeRecords(
    kind,
    values.map((value) => encodeMessage(type, value)),
  );
}

/** The messages of a file, not looked at yet. Throws `BadImage` when magics or lengths are not what they must be. */
export function decodeRecords(kind: RecordKind, file: string, bytes: Uint8Array): readonly MessageReader[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number, what: string): number => {
    if (at + 4 > bytes.length) throw new BadImage(file, at, what, `${bytes.length - at} bytes`);
    return view.getUint32(at, true);
  };
  let at = 0;
  for (const magic of headOf(kind)) {
    const found = word(at, `the magic ${hex(magic)} of ${kind}`);
    if (found !== magic) throw new BadImage(file, at, `the magic ${hex(magic)} of ${kind}`, hex(found));
    at += 4;
  }
  const records: MessageReader[] = [];
  while (at < bytes.length) {
    const size = word(at, "the length of a record");
    const left = bytes.length - at - 4;
    if (size > left) throw new BadImage(file, at, `a record of at most ${left} bytes`, `one of ${size}`);
    at += 4;
    records.push(new MessageReader(file, at, bytes.subarray(at, at + size)));
    at += size;
  }
  return records;
}

/** The one record of a file that has one. */
export function decodeOne<T>(kind: RecordKind, type: MessageType<T>, file: string, bytes: Uint8Array): T {
  const [record, ...others] = decodeRecords(kind, file, bytes);
  if (record === undefined || others.length > 0) {
    throw new BadImage(file, headOf(kind).length * 4, `one ${type.name}`, record === undefined ? "none" : `${1 + others.length}`);
  }
  return record.message(type);
}

function headOf(kind: RecordKind): readonly number[] {
  return kind === "inventory" ? [magics[kind]] : [commonMagic, magics[kind]];
}

function hex(word: number): string {
  return `0x${word.toString(16)}`;
}
