// The formats of `x`, as gdb has them: how many units, how each is written, and how long it is.

import { hexDigits } from "../hex-digits.ts";
import { quote } from "../printable.ts";
import { Refusal } from "../refusal.ts";

/** How memory is written. */
export interface MemoryFormat {
  readonly count: number;
  /** One of `formatLetters`. */
  readonly letter: string;
  readonly byteCount: number;
}

/** What each letter means. */
export const formatLetters: Readonly<Record<string, string>> = {
  x: "hexadecimal",
  d: "signed",
  u: "unsigned",
  o: "octal",
  t: "binary",
  a: "address, with its area",
  c: "character",
  s: "text up to a zero byte",
};
const sizes: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, g: 8 };
const countLimit = 2 ** 16;

/** Reads what stands behind the slash, such as `8xg`; what it leaves out is as it was last. Throws a `Refusal`. */
export function parseMemoryFormat(text: string, last: Omit<MemoryFormat, "count">): MemoryFormat {
  const [, digits, letters] = /^(\d{0,9})([a-z]*)$/.exec(text) ?? [undefined, "", "?"];
  let { letter, byteCount } = last;
  for (const each of letters) {
    if (each in sizes) byteCount = sizes[each];
    else if (each in formatLetters) letter = each;
    else if (each === "i") throw new Refusal("expected no i: a recording holds no instructions to show, only where they were");
    else
      throw new Refusal(
        `expected a count, one of ${Object.keys(formatLetters).join(" ")} and one of b h w g, found ${quote(text)}`,
      );
  }
  if (letter === "a") byteCount = 8;
  if (letter === "c" && !/[bhwg]/.test(letters)) byteCount = 1;
  const count = digits === "" ? 1 : Number(digits);
  if (count < 1 || count > countLimit) throw new Refusal(`expected 1 to ${countLimit} units, found ${count}`);
  return { count, letter, byteCount };
}

/** How many units gdb puts in a line. */
export function unitsInLine({ letter, byteCount }: MemoryFormat): number {
  if (letter === "s") return 1;
  if (letter === "t") return byteCount === 8 ? 1 : byteCount === 4 ? 2 : 8;
  if (byteCount === 8) return 2;
  return byteCount === 4 ? 4 : 8;
}

/** One unit in words. Bytes that are not known are `??`. `addressText` says what an address is. */
export function formatUnit(format: MemoryFormat, bytes: Uint8Array | undefined, addressText: (vaddr: bigint) => string): string {
  const { letter, byteCount } = format;
  if (bytes === undefined) return "?".repeat(letter === "x" || letter === "a" ? byteCount * 2 : 2);
  const unsigned = BigInt(`0x${hexDigits(bytes.toReversed())}`);
  const signed = BigInt.asIntN(byteCount * 8, unsigned);
  switch (letter) {
    case "d":
      return `${signed}`;
    case "u":
      return `${unsigned}`;
    case "o":
      return unsigned === 0n ? "0" : `0${unsigned.toString(8)}`;
    case "t":
      return unsigned.toString(2).padStart(byteCount * 8, "0");
    case "a":
      return addressText(unsigned);
    case "c":
      return `${signed} ${character(bytes[0])}`;
    default:
      return `0x${unsigned.toString(16).padStart(byteCount * 2, "0")}`;
  }
}

function character(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `'\\${byte.toString(8).padStart(3, "0")}'`;
}

/** Text in quotes, what cannot be shown as octal escapes. */
export function formatText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return `"${text}"`;
}
