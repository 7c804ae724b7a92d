// Numbers as people write them on a command line: 100k stores, 1G of RAM, a TLB of 64x4.

import { quote } from "./printable.ts";
import { Refusal } from "./refusal.ts";

const thousands: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };
const powersOfTwo: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** A count of at least `least`; `k`, `M` and `G` are thousands, millions and thousand millions. */
export function parseCount(flag: string, text: string, least: number): number {
  return parseAmount(
    flag,
    text,
    thousands,
    least,
    Number.MAX_SAFE_INTEGER,
    `a whole number of at least ${least}, such as ${least + 99}k`,
  );
}

/** Bytes in whole frames of 4 KiB, as a number of frames; `K`, `M` and `G` are powers of two. */
export function parseFrames(flag: string, text: string): number {
  const expected = "64K to 4G, a multiple of 4K";
  const byteCount = parseAmount(flag, text, powersOfTwo, 2 ** 16, 2 ** 32, expected);
  if (byteCount % 4096 !== 0) throw unexpected(flag, expected, text);
  return byteCount / 4096;
}

/** The shape of a TLB: sets times ways, or 0 for none. */
export function parseTlb(flag: string, text: string): { readonly sets: number; readonly ways: number } {
  const expected = "sets x ways such as 64x4 (sets a power of two up to 65536, ways 1 to 16), or 0";
  const match = /^(\d{1,6})x(\d{1,3})$/.exec(text);
  if (text === "0") return { sets: 0, ways: 1 };
  if (match === null) throw unexpected(flag, expected, text);
  const [sets, ways] = [Number(match[1]), Number(match[2])];
  const isPowerOfTwo = (sets & (sets - 1)) === 0;
  if (sets > 65_536 || !isPowerOfTwo || ways < 1 || ways > 16) throw unexpected(flag, expected, text);
  return { sets, ways };
}

function parseAmount(
  flag: string,
  text: string,
  units: Readonly<Record<string, number>>,
  least: number,
  most: number,
  expected: string,
): number {
  const match = /^(\d{1,16})([kmg]?)$/i.exec(text);
  if (match === null) throw unexpected(flag, expected, text);
  const amount = Number(match[1]) * units[match[2].toLowerCase()];
  if (amount < least || amount > most) throw unexpected(flag, expected, text);
  return amount;
}

function unexpected(flag: string, expected: string, text: string): Refusal {
  return new Refusal(`${flag}: expected ${expected}, found ${quote(text)}`);
}
