// The bytes of CRIU's format, worked out by hand from its field numbers: both ways.

import { expect, test } from "vitest";
import { encodeMessage } from "../../src/criu/message.ts";
import { decodePagemap, encodePagemap, pagemapEntry } from "../../src/criu/pagemap.ts";
import type { RawPagemapEntry } from "../../src/criu/pagemap.ts";
import { decodeRecords, encodeRecords } from "../../src/criu/record-file.ts";
import type { RecordKind } from "../../src/criu/record-file.ts";
import { encodeMm } from "../../src/criu/mm.ts";
import { present } from "../present.ts";

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test.each<[RecordKind, string]>([
  ["inventory", "16 31 31 58"],
  ["pagemap", "19 43 56 54 25 40 08 56"],
  ["mm", "19 43 56 54 20 28 49 57"],
  ["pstree", "19 43 56 54 30 30 27 50"],
  ["core", "19 43 56 54 47 38 05 55"],
  ["files", "19 43 56 54 38 31 30 56"],
])("%s begins with %s", (kind, hex) => {
  expect(encodeRecords(kind, [])).toEqual(bytesOf(hex));
  expect(decodeRecords(kind, "f", bytesOf(hex))).toEqual([]);
});

const entry = (vaddr: number, flags: number, nrPages: number): RawPagemapEntry => ({
  vaddr,
  compatNrPages: 0,
  inParent: undefined,
  flags,
  nrPages,
});

test.each<[string, RawPagemapEntry]>([
  ["08 80 20 10 00 20 01 28 02", entry(0x1000, 1, 2)],
  ["08 80 60 10 00 20 06 28 01", entry(0x3000, 6, 1)],
])("%s is an entry of a pagemap as CRIU writes it today", (hex, value) => {
  expect(encodeMessage(pagemapEntry, value)).toEqual(bytesOf(hex));
  const [record] = decodeRecords("pagemap", "f", encodeRecords("pagemap", [bytesOf(hex)]));
  expect(record.message(pagemapEntry)).toEqual(value);
});

/** The example in criu/include/pagemap.h, pages_id 1. */
const example = `1943565425400856020000000801090000000880601000200128020a0000000880a0011000200428010a0000000880e002
  1000200128040a0000000880e0031000200428020a0000000880e0051000200428020a0000000880a006100020012803`;

test("a whole pagemap of today is read, and written with counts where all versions find them", () => {
  const map = decodePagemap("pagemap-1.img", bytesOf(example));
  const pages = map.entries.map(({ start, pageCount, place }) => [start / 4096, pageCount, place]);
  expect(map.pagesId).toBe(1);
  expect(pages).toEqual([
    [0x3, 2, "parent"],
    [0x5, 1, "present"],
    [0xb, 4, "parent"],
    [0xf, 2, "present"],
    [0x17, 2, "present"],
    [0x19, 3, "parent"],
  ]);
  const again = encodePagemap(map);
  expect(hexOf(again).slice(28, 50)).toBe("0700000008806010022001");
  expect(decodePagemap("pagemap-1.img", again)).toEqual(map);
});

test.each<[string, string, "present" | "parent"]>([
  ["without flags", "08 80 20 10 02", "present"],
  ["in_parent false", "08 80 20 10 02 18 00", "present"],
  ["in_parent, before there were flags", "08 80 20 10 02 18 01", "parent"],
  ["in_parent beside the flag", "08 80 20 10 02 18 01 20 01", "parent"],
  ["both counts: the newer one holds", "08 80 20 10 07 20 04 28 02", "present"],
])("old entries are read: %s", (_, hex, place) => {
  const file = encodeRecords("pagemap", [bytesOf("08 01"), bytesOf(hex)]);
  expect(decodePagemap("f", file).entries).toEqual([{ start: 0x1000, pageCount: 2, place }]);
});

test("fd is -1 as zigzag has it, and absent fields take no byte", () => {
  const vma = { start: 0x1000, end: 0x2000, pgoff: 0, shmid: 0, prot: 3, flags: 0x22, status: 0x201, fd: -1 };
  const zeros = { startCode: 0, endCode: 0, startData: 0, endData: 0, argStart: 0, argEnd: 0, envStart: 0, envEnd: 0 };
  const mm = {
    ...zeros,
    startStack: 0,
    startBrk: 0,
    brk: 0,
    exeFileId: 1,
    vmas: [{ ...vma, madv: undefined, fdflags: undefined }],
  };
  const hex = hexOf(encodeMm(mm));
  expect(hex.endsWith(hexOf(bytesOf("72 13 08 80 20 10 80 40 18 00 20 00 28 03 30 22 38 81 04 40 01")))).toBe(true);
  expect(present(hex.match(/^1943565420284957(..)000000/)?.[1])).toBe((24 + 21).toString(16));
});
