// Entries as Linux's headers write them, and as processors take them.

import { entryFlags, i386, makeEntry, pteFrame, ptePermission, ptePresent, pteUsable, sv39, x86_64 } from "@pagelapse/mmu";
import type { Architecture, ArchitectureName } from "@pagelapse/mmu";
import { expect, test } from "vitest";
import { named } from "./named.ts";

test.each<[ArchitectureName, string, number, number]>([
  ["i386", "rw-", 0x0123_4067, 0],
  ["i386", "---", 0x0123_40e0, 0],
  ["i386-pae", "r--", 0x0123_4065, 0x8000_0000],
  ["x86-64", "rw-", 0x0123_4067, 0x8000_0000],
  ["x86-64", "r-x", 0x0123_4065, 0],
  ["x86-64", "---", 0x0123_4160, 0],
  ["sv39", "rw-", 0x0048_d0d7, 0],
  ["sv39", "r-x", 0x0048_d0db, 0],
  ["sv39", "--x", 0x0048_d0d9, 0],
  ["sv39", "-w-", 0x0048_d0d7, 0],
  ["sv39", "---", 0x0048_d0e2, 0],
])("on %s an entry that allows %s, with A and D, is written as Linux writes it", (name, text, low, high) => {
  const architecture = named(name);
  const { bits } = architecture;
  const permission = { read: text[0] === "r", write: text[1] === "w", execute: text[2] === "x" };
  const entry = makeEntry(bits, 0x1234, permission, bits.accessed | bits.dirty);
  expect(entry).toEqual({ low, high: high && (text.endsWith("x") ? 0 : high) });
  expect(pteFrame(bits, entry)).toBe(0x1234);
  expect([ptePresent(bits, entry), pteUsable(bits, entry)]).toEqual([true, text !== "---"]);
});

test("what an entry allows is what each processor makes of its bits", () => {
  const allowed = (architecture: Architecture, text: string): string => {
    const permission = { read: text.includes("r"), write: text.includes("w"), execute: text.includes("x") };
    const { read, write, execute } = ptePermission(architecture.bits, makeEntry(architecture.bits, 1, permission, 0));
    return `${read ? "r" : "-"}${write ? "w" : "-"}${execute ? "x" : "-"}`;
  };
  expect(["r", "w", "x", "rw", ""].map((text) => allowed(x86_64, text))).toEqual(["r--", "rw-", "r-x", "rw-", "---"]);
  expect(["r", "w", "x", "rw", ""].map((text) => allowed(i386, text))).toEqual(["r-x", "rwx", "r-x", "rwx", "---"]);
  expect(["r", "w", "x", "rw", ""].map((text) => allowed(sv39, text))).toEqual(["r--", "rw-", "--x", "rw-", "---"]);
});

test("flags carry the manual's names", () => {
  expect(entryFlags(x86_64, { low: 0xfff, high: 0x8000_0000 }).join()).toBe("P,W,U,PWT,PCD,A,D,PS,G,NX");
  expect(entryFlags(sv39, { low: 0x3d7, high: 0 }).join()).toBe("V,R,W,U,A,D");
  expect(entryFlags(i386, { low: 0, high: 0 })).toEqual([]);
});
