// Swap entries as Linux's headers draw them.

import {
  architectures,
  decodeSwapEntry,
  encodeSwapEntry,
  i386,
  isSwapPte,
  ptePresent,
  pteUsable,
  sv39,
  x86_64,
} from "@pagelapse/mmu";
import type { Architecture, ArchitectureName, SwapEntry } from "@pagelapse/mmu";
import fc from "fast-check";
import { expect, test } from "vitest";
import { named } from "./named.ts";

test.each<[ArchitectureName, Partial<SwapEntry>, number, number]>([
  ["i386", {}, 0x0000_0502, 0],
  ["i386", { softDirty: true, uffdWp: true }, 0x0000_0502, 0],
  ["i386-pae", {}, 0, 0x0000_00a1],
  ["x86-64", {}, 0xffff_f400, 0x0fff_ffff],
  ["x86-64", { softDirty: true }, 0xffff_f402, 0x0fff_ffff],
  ["x86-64", { uffdWp: true }, 0xffff_f404, 0x0fff_ffff],
  ["x86-64-la57", {}, 0xffff_f400, 0x0fff_ffff],
  ["sv39", {}, 0x0000_5080, 0],
])("on %s page 5 of swap device 1, marked %j, is written as Linux writes it", (name, marks, low, high) => {
  const architecture = named(name);
  const swapped = { type: 1, offset: 5, softDirty: false, uffdWp: false, ...marks };
  expect(encodeSwapEntry(architecture, swapped)).toEqual({ low, high });
});

/** Whether swap entries of this layout come back, and are taken for nothing else. */
function swapHolds(architecture: Architecture): boolean {
  const { bits, swap } = architecture;
  const edge = 2 ** swap.offset.bitCount - 2;
  const offset = fc.oneof(
    fc.integer({ min: 1, max: 200 }),
    fc.maxSafeInteger().map((n) => 1 + (Math.abs(n) % edge)),
    fc.constant(edge),
  );
  return !fc.check(
    fc.property(fc.nat({ max: 31 }), offset, fc.boolean(), fc.boolean(), (type, at, softDirty, uffdWp) => {
      const entry = encodeSwapEntry(architecture, { type, offset: at, softDirty, uffdWp });
      const back = { type, offset: at, softDirty: softDirty && swap.softDirty !== 0, uffdWp: uffdWp && swap.uffdWp !== 0 };
      expect(decodeSwapEntry(architecture, entry)).toEqual(back);
      expect([isSwapPte(bits, entry), ptePresent(bits, entry), pteUsable(bits, entry)]).toEqual([true, false, false]);
      expect(entry.low % 1 === 0 && entry.low < 2 ** 32 && entry.high < 2 ** 32).toBe(true);
    }),
    { seed: 5 },
  ).failed;
}

test.each(architectures.map(({ name }) => [name]))("%s: swap entries come back, and are neither none nor present", (name) => {
  expect(swapHolds(named(name))).toBe(true);
});

test.each<[string, Architecture]>([
  [
    "an offset that reaches into the bit of PROT_NONE",
    { ...x86_64, swap: { ...x86_64.swap, offset: { firstBit: 8, bitCount: 51 } } },
  ],
  ["a type that lies over the offset", { ...sv39, swap: { ...sv39.swap, type: { firstBit: 8, bitCount: 5 } } }],
  ["a soft-dirty bit where Linux had it before 2017, in a type", { ...i386, swap: { ...i386.swap, softDirty: 0x020 } }],
  ["i386's layout with the PROT_NONE of later kernels", { ...i386, bits: { ...i386.bits, protectNone: 0x100 } }],
])("%s is found out", (_, architecture) => {
  expect(swapHolds(architecture)).toBe(false);
});

test("a place that swap does not have is refused with the numbers", () => {
  const swapped = { type: 1, offset: 5, softDirty: false, uffdWp: false };
  expect(() => encodeSwapEntry(i386, { ...swapped, type: 32 })).toThrow("swap type 32: expected 0 to 31");
  expect(() => encodeSwapEntry(i386, { ...swapped, offset: 2 ** 24 })).toThrow("swap offset 16777216: expected 1 to 16777214");
  expect(() => encodeSwapEntry(i386, { ...swapped, offset: 0 })).toThrow("swap offset 0");
});
