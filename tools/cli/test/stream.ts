// A notation for recorded streams, small enough to write by hand.

const magic = new TextEncoder().encode("VMERREC1");

/** A whole stream of these records. */
export function stream(...records: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([magic, ...records]);
}

/** A record: its header word and its payload, padded to words. */
export function record(type: number, size: number, address: number, ...payload: readonly (number | Uint8Array)[]): Uint8Array {
  const header = Buffer.alloc(8);
  header.writeBigUInt64LE((BigInt(type) << 56n) | (BigInt(size) << 48n) | BigInt(address));
  const parts = payload.map((part) => (typeof part === "number" ? word(part) : padded(part)));
  return Buffer.concat([header, ...parts]);
}

/** START and FINAL: a mapping and its bytes, rw-p and anonymous. */
export const start = (address: number, bytes: Uint8Array): Uint8Array =>
  record(0x17, 0, address, bytes.length, 0x103, 0, 0, bytes);
export const final = (address: number, bytes: Uint8Array): Uint8Array =>
  record(0x18, 0, address, bytes.length, 0x103, 0, 0, bytes);
/** MAP: anonymous memory that may be read and written, unless said otherwise. */
export const map = (address: number, byteCount: number, prot: number = 3): Uint8Array =>
  record(0x10, 0, address, byteCount, prot, 0, 0);
export const store = (address: number, ...bytes: readonly number[]): Uint8Array =>
  record(0x02, bytes.length, address, Uint8Array.from(bytes));

/** One page, zero but for the bytes given by place. */
export function page(bytes: Readonly<Record<number, number>> = {}): Uint8Array {
  const result = new Uint8Array(4096);
  for (const [place, byte] of Object.entries(bytes)) result[Number(place)] = byte;
  return result;
}

function word(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}
