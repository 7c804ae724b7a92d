// The numbers and texts that fields hold.

import { WireType } from "@bufbuild/protobuf/wire";
import type { FieldType } from "./message.ts";

/** `uint32`. One of more bits, which other readers cut, is refused. */
export const uint32: FieldType<number> = {
  what: "a number of 32 bits",
  wireType: WireType.Varint,
  write: (writer, value) => void writer.uint32(value),
  read: ({ reader }) => below(reader.uint64(), 2 ** 32),
};

/** `uint64` as a number. One that a double does not hold exactly is refused: no address and no size of a page is such a one. */
export const uint64: FieldType<number> = {
  what: "a number of 64 bits that a double holds exactly",
  wireType: WireType.Varint,
  write: (writer, value) => void writer.uint64(BigInt(value)),
  read: ({ reader }) => exact(reader.uint64()),
};

/** `uint64` whose bits mean something each. */
export const bits64: FieldType<bigint> = {
  what: "64 bits",
  wireType: WireType.Varint,
  write: (writer, value) => void writer.uint64(value),
  read: ({ reader }) => BigInt(reader.uint64()),
};

/** `sint64`, zigzag. */
export const sint64: FieldType<number> = {
  what: "a signed number that a double holds exactly",
  wireType: WireType.Varint,
  write: (writer, value) => void writer.sint64(BigInt(value)),
  read: ({ reader }) => exact(reader.sint64()),
};

/** `bool`: 0 or 1. */
export const bool: FieldType<boolean> = {
  what: "0 or 1",
  wireType: WireType.Varint,
  write: (writer, value) => void writer.bool(value),
  read({ reader }) {
    const value = below(reader.uint64(), 2);
    return value === undefined ? undefined : value === 1;
  },
};

/** `string`: UTF-8, without a NUL, which no name has. */
export const text: FieldType<string> = {
  what: "a text in UTF-8",
  wireType: WireType.LengthDelimited,
  write: (writer, value) => void writer.string(value),
  read({ reader }) {
    const value = reader.string(true);
    return value.includes("\0") ? undefined : value;
  },
};

function exact(value: bigint | string): number | undefined {
  const number = Number(value);
  return BigInt(number) === BigInt(value) ? number : undefined;
}

function below(value: bigint | string, limit: number): number | undefined {
  const number = Number(value);
  return number < limit ? number : undefined;
}
