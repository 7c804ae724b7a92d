// CRC32C, the checksum of images: Castagnoli's polynomial, as iSCSI (RFC 3720) and ext4 use it.

/** Table k holds the remainder of a byte with k more bytes after it: eight bytes a step (Kounavis and Berry, 2005). */
const tables: readonly Uint32Array[] = Array.from({ length: 8 }, () => new Uint32Array(256));
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0x82f6_3b78;
  tables[0][byte] = value;
}
for (let k = 1; k < 8; k++)
  tables[k].forEach((_, byte) => (tables[k][byte] = tables[0][tables[k - 1][byte] & 255] ^ (tables[k - 1][byte] >>> 8)));
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;

/** The checksum of these bytes. */
export function crc32c(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let crc = 0xffff_ffff;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    const low = view.getUint32(at, true) ^ crc;
    const high = view.getUint32(at + 4, true);
    const lowHalf = t7[low & 255] ^ t6[(low >>> 8) & 255] ^ t5[(low >>> 16) & 255] ^ t4[low >>> 24];
    crc = lowHalf ^ t3[high & 255] ^ t2[(high >>> 8) & 255] ^ t1[(high >>> 16) & 255] ^ t0[high >>> 24];
  }
  for (; at < bytes.length; at++) crc = t0[(crc ^ bytes[at]) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}
