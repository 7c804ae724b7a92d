// Bytes as hexadecimal digits.

/** Two digits a byte, in order. */
export function hexDigits(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
