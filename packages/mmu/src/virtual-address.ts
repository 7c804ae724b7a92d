// Virtual addresses as text: 64 bits for people, the bits that the tables look at for us.

import type { Architecture } from "./architecture.ts";

/*
 * The highest of an address's bits is repeated up to bit 63, so a kernel's addresses lie at the end of 64 bits, where a
 * JavaScript number is not exact. Within the program an address is its low `addressBits` bits alone:
 *
 *     ffff 8880 0000 1000      <->      8880 0000 1000        x86-64, 48 bits
 *
 * That is exact on every architecture but x86-64-la57, where addresses of 54 bits and more are exact for pages only.
 */

/** The address in hexadecimal, sign-extended to the word of the architecture: 8 or 16 digits, without a prefix. */
export function formatAddress(architecture: Architecture, vaddr: number): string {
  const { addressBits, wordBytes } = architecture;
  const extended = BigInt.asUintN(wordBytes * 8, BigInt.asIntN(addressBits, BigInt(vaddr)));
  return extended.toString(16).padStart(wordBytes * 2, "0");
}

/**
 * The address that hexadecimal digits name (after `0x`, or bare), as the functions of this package take it; `undefined`
 * for other text, for an address that is not canonical, and for one that a number does not hold exactly.
 */
export function parseAddress(architecture: Architecture, text: string): number | undefined {
  if (!/^(0x)?[0-9a-f]{1,16}$/i.test(text)) return undefined;
  const given = BigInt(`0x${text.replace(/^0x/i, "")}`);
  const vaddr = Number(BigInt.asUintN(architecture.addressBits, given));
  return BigInt(`0x${formatAddress(architecture, vaddr)}`) === given ? vaddr : undefined;
}
