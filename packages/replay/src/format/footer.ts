// The end of a recording that was closed: all headers of segments together, so that it opens in three reads.

import { BadRecording } from "./bad-recording.ts";
import { crc32 } from "./crc32.ts";
import { decodeSegmentHeader, encodeSegmentHeader, segmentHeaderBytes } from "./segment-header.ts";
import type { SegmentHeader } from "./segment-header.ts";

/*
 *     FOOTER   a segment, 104 bytes: u64 offset in the file, its header once more
 *     TRAILER  0 u64 offset of the footer     8 u32 its bytes       12 u32 its CRC-32
 *             16 u32 CRC-32 of bytes 0..15   20 'PLR!'
 */
const entryBytes = 8 + segmentHeaderBytes;
/** Bytes of the trailer. */
export const trailerBytes = 24;
const magic = 0x2152_4c50;

/** Footer and trailer of a file in which the footer stands at `offset`. */
export function encodeFooter(segments: readonly SegmentHeader[], offset: number): Uint8Array {
  const footerBytes = segments.length * entryBytes;
  const bytes = new Uint8Array(footerBytes + trailerBytes);
  const view = new DataView(bytes.buffer);
  segments.forEach((segment, index) => {
    view.setBigUint64(index * entryBytes, BigInt(segment.offset), true);
    bytes.set(encodeSegmentHeader(segment), index * entryBytes + 8);
  });
  const trailer = footerBytes;
  view.setBigUint64(trailer, BigInt(offset), true);
  view.setUint32(trailer + 8, footerBytes, true);
  view.setUint32(trailer + 12, crc32(bytes, 0, footerBytes), true);
  view.setUint32(trailer + 16, crc32(bytes, trailer, trailer + 16), true);
  view.setUint32(trailer + 20, magic, true);
  return bytes;
}

/** Where the footer of a file of that size stands, by its last bytes. Throws `BadRecording` where they are no trailer. */
export function decodeTrailer(trailer: Uint8Array, fileBytes: number): { offset: number; byteCount: number; crc: number } {
  const at = fileBytes - trailerBytes;
  if (trailer.length < trailerBytes) throw new BadRecording(0, `${trailerBytes} bytes of trailer`, `${trailer.length} bytes`);
  const view = new DataView(trailer.buffer, trailer.byteOffset);
  const isWhole = view.getUint32(20, true) === magic && view.getUint32(16, true) === crc32(trailer, 0, 16);
  if (!isWhole) throw new BadRecording(at, "a trailer", "other bytes");
  const offset = Number(view.getBigUint64(0, true));
  const byteCount = view.getUint32(8, true);
  if (offset + byteCount !== at) throw new BadRecording(at, `a footer that ends at byte ${at}`, `${offset} + ${byteCount}`);
  return { offset, byteCount, crc: view.getUint32(12, true) };
}

/** The segments that a footer lists, in order. Throws `BadRecording`. */
export function decodeFooter(footer: Uint8Array, offset: number, crc: number): readonly SegmentHeader[] {
  if (crc32(footer) !== crc) throw new BadRecording(offset, "the footer's checksum", "another");
  const view = new DataView(footer.buffer, footer.byteOffset);
  return Array.from({ length: footer.length / entryBytes }, (_, index) => {
    const at = Number(view.getBigUint64(index * entryBytes, true));
    return decodeSegmentHeader(footer.subarray(index * entryBytes + 8, (index + 1) * entryBytes), at);
  });
}
