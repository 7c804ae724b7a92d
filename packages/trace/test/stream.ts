// The notation of these tests: recorded streams, a function a record.

const magic = Buffer.from("VMERREC1");

/** A whole stream of these records. */
export function stream(...records: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat([magic, ...records]));
}

/** A record: its header word, then words and padded bytes. */
export function record(type: number, size: number, address: number, ...payload: readonly (number | Uint8Array)[]): Uint8Array {
  const header = word((BigInt(type) << 56n) | (BigInt(size) << 48n) | BigInt(address));
  return new Uint8Array(
    Buffer.concat([header, ...payload.map((part) => (typeof part === "number" ? word(BigInt(part)) : padded(part)))]),
  );
}

/** What a mapping is, beside its address; `rw` and anonymous where nothing is said. */
export interface Mapping {
  readonly prot?: number;
  readonly file?: string;
  readonly offset?: number;
}

/** MAP, START and FINAL: with bytes, or so many without any. */
export const map = (address: number, content: Uint8Array | number, mapping: Mapping = {}): Uint8Array =>
  mapped(0x10, address, content, mapping);
export const start = (address: number, content: Uint8Array | number, mapping: Mapping = {}): Uint8Array =>
  mapped(0x17, address, content, mapping);
export const final = (address: number, content: Uint8Array | number, mapping: Mapping = {}): Uint8Array =>
  mapped(0x18, address, content, mapping);

export const load = (address: number, size: number): Uint8Array => record(0x01, size, address);
export const store = (address: number, ...bytes: readonly number[]): Uint8Array =>
  record(0x02, bytes.length, address, Uint8Array.from(bytes));
export const instruction = (address: number, size: number): Uint8Array => record(0x03, size, address);
export const pc = (address: number): Uint8Array => record(0x04, 0, address);
export const unmap = (address: number, byteCount: number): Uint8Array => record(0x11, 0, address, byteCount);
export const protect = (address: number, byteCount: number, prot: number): Uint8Array =>
  record(0x12, 0, address, byteCount, prot);
export const breakUp = (address: number, byteCount: number): Uint8Array => record(0x13, 0, address, byteCount);
export const breakDown = (address: number, byteCount: number): Uint8Array => record(0x14, 0, address, byteCount);
export const remap = (address: number, to: number, byteCount: number): Uint8Array => record(0x15, 0, address, to, byteCount);
export const kernelWrite = (address: number, bytes: Uint8Array): Uint8Array => record(0x16, 0, address, bytes.length, bytes);
export const systemCall = (number: number, thread: number, result: number, ...args: readonly number[]): Uint8Array =>
  record(0x19, thread, number, ...[result, ...args, 0, 0, 0, 0, 0, 0].slice(0, 7));
export const zero = (address: number, byteCount: number): Uint8Array => record(0x1a, 0, address, byteCount);
export const signalFrame = (signal: number, address: number, bytes: Uint8Array): Uint8Array =>
  record(0x1b, signal, address, bytes.length, bytes);
export const content = (address: number, bytes: Uint8Array): Uint8Array => record(0x1c, 0, address, bytes.length, bytes);

/** So many pages of one byte. */
export function pages(count: number, byte: number): Uint8Array {
  return new Uint8Array(count * 4096).fill(byte);
}

function mapped(
  type: number,
  address: number,
  bytes: Uint8Array | number,
  { prot = 3, file = "", offset = 0 }: Mapping,
): Uint8Array {
  const name = Buffer.from(file);
  if (typeof bytes === "number") return record(type, 0, address, bytes, prot, offset, name.length, name);
  return record(type, 0, address, bytes.length, prot | 0x100, offset, name.length, name, bytes);
}

function word(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}
