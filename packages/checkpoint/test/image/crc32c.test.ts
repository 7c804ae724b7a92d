import { expect, test } from "vitest";
import { crc32c } from "../../src/image/crc32c.ts";

// RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
test.each<readonly [string, number, Uint8Array]>([
  ["nothing", 0, new Uint8Array(0)],
  ["the digits", 0xe306_9283, new TextEncoder().encode("123456789")],
  ["32 zeros", 0x8a91_36aa, new Uint8Array(32)],
  ["32 ones", 0x62a8_ab43, new Uint8Array(32).fill(255)],
  ["0 to 31", 0x46dd_794e, Uint8Array.from({ length: 32 }, (_, i) => i)],
  ["31 to 0", 0x113f_db5c, Uint8Array.from({ length: 32 }, (_, i) => 31 - i)],
])("CRC32C of %s, wherever it lies in its buffer", (_, sum, bytes) => {
  for (let before = 0; before < 9; before++) {
    const buffer = new Uint8Array(before + bytes.length + 3).fill(0xa5);
    buffer.set(bytes, before);
    expect(crc32c(buffer.subarray(before, before + bytes.length))).toBe(sum);
  }
});
