// Addresses, split as the manuals draw them, and as text.

import { formatAddress, indexAt, parseAddress } from "@pagelapse/mmu";
import type { ArchitectureName } from "@pagelapse/mmu";
import { expect, test } from "vitest";
import { named } from "./named.ts";

test.each<[ArchitectureName, string, readonly number[]]>([
  ["x86-64", "00007f1234567abc", [254, 72, 418, 359]],
  ["x86-64", "ffff888000001000", [273, 0, 0, 1]],
  ["x86-64", "ffffffffffffffff", [511, 511, 511, 511]],
  ["x86-64-la57", "00007f1234567abc", [0, 254, 72, 418, 359]],
  ["x86-64-la57", "ff11000000201000", [273, 0, 0, 1, 1]],
  ["i386", "bfffe123", [767, 1022]],
  ["i386-pae", "bfffe123", [2, 511, 510]],
  ["sv39", "0000003fffffe008", [255, 511, 510]],
  ["sv39", "ffffffc000000000", [256, 0, 0]],
])("%s splits %s as the manual draws it, and prints it again", (name, text, indexes) => {
  const architecture = named(name);
  const vaddr = parseAddress(architecture, text) ?? -1;
  expect(architecture.levels.map((level) => indexAt(level, vaddr))).toEqual(indexes);
  expect(formatAddress(architecture, vaddr)).toBe(text);
  expect(parseAddress(architecture, `0x${text.toUpperCase()}`)).toBe(vaddr);
});

test.each<[ArchitectureName, string, string]>([
  ["x86-64", "0000800000000000", "is not canonical"],
  ["x86-64", "ffff700000000000", "is not canonical"],
  ["sv39", "0000004000000000", "is not canonical"],
  ["i386", "100000000", "has 33 bits"],
  ["x86-64-la57", "ff11000000201001", "lies where a number holds the addresses of pages alone"],
  ["x86-64", "0x", "has no digits"],
  ["x86-64", "12g4", "is not hexadecimal"],
  ["x86-64", "0x00007f1234567abc0", "has 17 digits"],
])("%s has no address %s: it %s", (name, text) => {
  const architecture = named(name);
  expect(parseAddress(architecture, text)).toBeUndefined();
});
