// Bytes as a value.

import { hexDigits } from "../hex-digits.ts";

/** Of 1, 2, 4 and 8 bytes the little-endian number, of others the bytes in order; `unmapped` where they cannot be read. */
export function formatValue(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return "not mapped or not known";
  if ([1, 2, 4, 8].includes(bytes.length)) return `0x${hexDigits(bytes.toReversed())}`;
  const limit = 16;
  return bytes.length > limit ? `${hexDigits(bytes.subarray(0, limit))}...` : hexDigits(bytes);
}

/** The same for JSON; `undefined` stays what it is. */
export function bytesJson(bytes: Uint8Array | undefined): string | undefined {
  return bytes && hexDigits(bytes);
}
