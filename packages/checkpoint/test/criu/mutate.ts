// Image files with a change that a reader must look at: messages are taken apart, changed and put together with right lengths.

import fc from "fast-check";
import { present } from "../present.ts";
import { joined, varint } from "./raw.ts";

/** A field taken apart: its tag, and its value with all of its bytes. */
interface Part {
  readonly number: number;
  readonly wireType: number;
  readonly value: bigint | Uint8Array;
}

/** A file, and what is changed in it. */
export interface FileChange {
  readonly name: string;
  readonly how: Change;
}

/** One change, or two, of these files. */
export function changes(files: ReadonlyMap<string, Uint8Array>): fc.Arbitrary<readonly FileChange[]> {
  return fc.array(fc.record({ name: fc.constantFrom(...files.keys()), how: change }), {
    minLength: 1,
    maxLength: 2,
    size: "max",
  });
}

/** The files after the changes. */
export function mutated(files: ReadonlyMap<string, Uint8Array>, all: readonly FileChange[]): ReadonlyMap<string, Uint8Array> {
  const after = new Map(files);
  for (const { name, how } of all) after.set(name, mutate(name, present(after.get(name)), how));
  return after;
}

/** `places` leads to a record, then to a field, and on into it for as long as it is a message. */
interface Change {
  readonly places: readonly number[];
  readonly act: "value" | "number" | "wire type" | "twice" | "none" | "record twice" | "no record" | "swap records" | "bytes";
  readonly value: bigint;
}

const change: fc.Arbitrary<Change> = fc.record({
  places: fc.array(fc.nat(40), { minLength: 4, maxLength: 4, size: "max" }),
  act: fc.constantFrom(
    "value",
    "value",
    "value",
    "number",
    "wire type",
    "twice",
    "none",
    "record twice",
    "no record",
    "swap records",
    "bytes",
  ),
  value: fc.oneof(
    fc.bigInt({ min: 0n, max: 20n }),
    fc.bigInt({ min: 0n, max: 20n }).map((pages) => pages * 4096n),
    fc.constantFrom(
      2n ** 31n,
      2n ** 32n - 1n,
      2n ** 32n,
      2n ** 52n,
      2n ** 53n + 1n,
      2n ** 63n,
      2n ** 64n - 4096n,
      2n ** 64n - 1n,
    ),
  ),
});

function mutate(name: string, bytes: Uint8Array, { places: [place, ...inner], act, value }: Change): Uint8Array {
  if (act === "bytes") return bytes.length === 0 ? bytes : bytes.with(Number(value) % bytes.length, place);
  const headBytes = name === "inventory.img" ? 4 : 8;
  const messages = splitRecords(bytes.subarray(headBytes));
  if (messages.length === 0) return bytes;
  const index = place % messages.length;
  if (act === "record twice") messages.splice(index, 0, messages[index]);
  else if (act === "no record") messages.splice(index, 1);
  else if (act === "swap records") messages.push(...messages.splice(index, 1));
  else messages[index] = mutateMessage(messages[index], inner, act, value);
  return joined([bytes.subarray(0, headBytes), ...messages.flatMap((message) => [word(message.length), message])]);
}

function mutateMessage(
  bytes: Uint8Array,
  [place = 0, ...inner]: readonly number[],
  act: Change["act"],
  value: bigint,
): Uint8Array {
  const parts = split(bytes);
  if (parts === undefined || parts.length === 0) return bytes;
  const index = place % parts.length;
  const part = parts[index];
  const isMessage = part.value instanceof Uint8Array && part.value.length > 2 && split(part.value) !== undefined;
  if (isMessage && inner.length > 0) {
    parts[index] = { ...part, value: mutateMessage(part.value, inner, act, value) };
  } else if (act === "value") parts[index] = { ...part, value: part.wireType === 0 ? value : varint(value) };
  else if (act === "number") parts[index] = { ...part, number: Number(value % 30n) + 1 };
  else if (act === "wire type")
    parts[index] = { ...part, wireType: part.wireType === 0 ? 2 : 0, value: part.wireType === 0 ? varint(value) : value };
  else if (act === "twice") parts.push(part);
  else parts.splice(index, 1);
  return joined(
    parts.flatMap(({ number, wireType, value: held }) => {
      const tag = varint(number * 8 + wireType);
      return typeof held === "bigint" ? [tag, varint(held)] : [tag, varint(held.length), held];
    }),
  );
}

function splitRecords(bytes: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = view.getUint32(at, true);
    messages.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return messages;
}

/** The fields of a message; `undefined` when the bytes are none, or have other wire types than CRIU's. */
function split(bytes: Uint8Array): Part[] | undefined {
  const parts: Part[] = [];
  let at = 0;
  const take = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? Number.NaN;
      value += BigInt(byte & 127) << shift;
      if (!(byte >= 128)) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(take());
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    if (number === 0 || (wireType !== 0 && wireType !== 2)) return undefined;
    const value = take();
    if (wireType === 2) at += Number(value);
    if (at > bytes.length) return undefined;
    parts.push({ number, wireType, value: wireType === 0 ? value : bytes.subarray(at - Number(value), at) });
  }
  return parts;
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
