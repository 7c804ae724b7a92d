// CRC32C, the checksum of pages: Castagnoli's polynomial, as iSCSI (RFC 3720) and ext4 use it.

/** Part k, 256 words from 256 k on, holds the remainder of a byte with k more bytes after it: eight bytes a step (Kounavis and Berry, 2005). */
const table = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0x82f6_3b78;
  table[byte] = value;
}
for (let at = 256; at < table.length; at++) table[at] = table[table[at - 256] & 255] ^ (table[at - 256] >>> 8);

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** The checksum of these bytes; quicker where they begin at a multiple of 4 of their buffer. */
export function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  let at = 0;
  if (isLittleEndian && (bytes.byteOffset & 3) === 0) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, (bytes.length >>> 3) * 2);
    for (let i = 0; i < words.length; i += 2) {
      const low = words[i] ^ crc;
      const high = words[i + 1];
      crc =
        table[1792 + (low & 255)] ^
        table[1536 + ((low >>> 8) & 255)] ^
        table[1280 + ((low >>> 16) & 255)] ^
        table[1024 + (low >>> 24)] ^
        table[768 + (high & 255)] ^
        table[512 + ((high >>> 8) & 255)] ^
        table[256 + ((high >>> 16) & 255)] ^
        table[high >>> 24];
    }
    at = words.length * 4;
  }
  for (; at < bytes.length; at++) crc = table[(crc ^ bytes[at]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
