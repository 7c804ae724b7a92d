// Messages built by hand, field by field, right and wrong: nothing here knows what CRIU's fields mean.

/** A field: a number, a text or a message within, or bytes as they are. */
type RawField = readonly [number: number, value: number | bigint | string | Uint8Array | RawMessage];
export type RawMessage = readonly RawField[];

/** The bytes of a varint. */
export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

/** The bytes of a message. */
export function raw(fields: RawMessage): Uint8Array {
  return joined(
    fields.flatMap(([number, value]) => {
      if (typeof value === "number" || typeof value === "bigint") return [varint(number * 8), varint(value)];
      const bytes = typeof value === "string" ? Buffer.from(value) : value instanceof Uint8Array ? value : raw(value);
      return [varint(number * 8 + 2), varint(bytes.length), bytes];
    }),
  );
}

/** Messages as records behind magics. */
export function records(magics: readonly number[], messages: readonly Uint8Array[]): Uint8Array {
  return joined([...magics.map(word), ...messages.flatMap((message) => [word(message.length), message])]);
}

/** The magic of all of CRIU's images, and those of each kind. */
export const common = 0x5456_4319;
export const kinds: Readonly<Record<"pstree" | "core" | "mm" | "pagemap" | "files" | "memfd", number>> = {
  pstree: 0x5027_3030,
  core: 0x5505_3847,
  mm: 0x5749_2820,
  pagemap: 0x5608_4025,
  files: 0x5630_3138,
  memfd: 0x4845_3499,
};

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
