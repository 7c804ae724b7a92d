import { expect, test } from "vitest";
import { crc32c } from "../src/dirty-bit/crc32c.ts";

// RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
test.each<readonly [string, number, Uint8Array]>([
  ["nothing", 0, new Uint8Array(0)],
  ["the digits", 0xe306_9283, new TextEncoder().encode("123456789")],
  ["32 zeros", 0x8a91_36aa, new Uint8Array(32)],
  ["32 ones", 0x62a8_ab43, new Uint8Array(32).fill(255)],
  ["0 to 31", 0x46dd_794e, Uint8Array.from({ length: 32 }, (_, i) => i)],
  ["31 to 0", 0x113f_db5c, Uint8Array.from({ length: 32 }, (_, i) => 31 - i)],
])("CRC32C of %s", (_, sum, bytes) => {
  expect(crc32c(bytes)).toBe(sum);
});

test("bytes may lie anywhere in their buffer", () => {
  const bytes = new TextEncoder().encode("..123456789");
  expect(crc32c(bytes.subarray(2))).toBe(0xe306_9283);
});
