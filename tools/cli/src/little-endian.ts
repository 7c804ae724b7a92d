// Bytes as a number, the lowest first.

/** The number that up to eight bytes are; `bigint` where a double does not hold it exactly. Bytes after the eighth do not count. */
export function littleEndian(bytes: Uint8Array): number | bigint {
  const count = Math.min(bytes.length, 8);
  let [low, high] = [0, 0];
  for (let at = Math.min(count, 4) - 1; at >= 0; at--) low = low * 256 + bytes[at];
  for (let at = count - 1; at >= 4; at--) high = high * 256 + bytes[at];
  return high < 2 ** 21 ? high * 2 ** 32 + low : BigInt(high) * 0x1_0000_0000n + BigInt(low);
}
