// Records and messages that are none: each is refused where it goes wrong.

import { expect, test } from "vitest";
import { common, joined, kinds, raw, records, varint } from "./raw.ts";
import { core, file, mm, refusal, vma } from "./refusal.ts";

test.each<[string, string, Uint8Array | undefined, string]>([
  ["a file that is missing", "mm-5.img", undefined, "mm-5.img: at byte 0: expected the file, found none of that name"],
  ["nothing", "core-5.img", new Uint8Array(0), "core-5.img: at byte 0: expected the magic 0x54564319 of core, found 0 bytes"],
  ["another kind of image", "mm-5.img", core(1), "mm-5.img: at byte 4: expected the magic 0x57492820 of mm, found 0x55053847"],
  ["no record", "mm-5.img", file("mm"), "mm-5.img: at byte 8: expected one mm_entry, found none"],
  [
    "half a magic",
    "core-5.img",
    file("core").subarray(0, 6),
    "core-5.img: at byte 4: expected the magic 0x55053847 of core, found 2 bytes",
  ],
  [
    "the first magic wrong",
    "core-5.img",
    records([kinds.core], []),
    "core-5.img: at byte 0: expected the magic 0x54564319 of core, found 0x55053847",
  ],
  [
    "an inventory with the magic of the rest",
    "inventory.img",
    records([common, 0x5831_3116], [raw([[1, 2]])]),
    "inventory.img: at byte 0: expected the magic 0x58313116 of inventory, found 0x54564319",
  ],
  [
    "a version to come",
    "inventory.img",
    records([0x5831_3116], [raw([[1, 3]])]),
    "inventory.img: at byte 8: expected image version 2, found 3",
  ],
  [
    "a length cut off",
    "core-5.img",
    joined([core(1), Uint8Array.of(1, 0)]),
    "core-5.img: at byte 14: expected the length of a record, found 2 bytes",
  ],
  [
    "a record longer than the file",
    "core-5.img",
    core(1).with(8, 0xff).with(11, 0xff),
    "core-5.img: at byte 8: expected a record of at most 2 bytes, found one of 4278190335",
  ],
  [
    "two records where one is",
    "core-5.img",
    file("core", [[1, 1]], [[1, 1]]),
    "core-5.img: at byte 8: expected one core_entry, found 2",
  ],
  [
    "a required field missing",
    "core-5.img",
    file("core", []),
    "core-5.img: at byte 12: expected core_entry.mtype (field 1), found a message without it",
  ],
  [
    "one missing deep inside",
    "mm-5.img",
    mm(vma().slice(1)),
    "mm-5.img: at byte 38: expected vma_entry.start (field 1), found a message without it",
  ],
  [
    "a field given twice",
    "core-5.img",
    file("core", [
      [1, 1],
      [1, 1],
    ]),
    "core-5.img: at byte 15: expected each field once, found one given twice",
  ],
  [
    "another wire type",
    "core-5.img",
    file("core", [[1, "1"]]),
    "core-5.img: at byte 13: expected a number of 32 bits (wire type 0), found wire type 2",
  ],
  [
    "a number of more than 32 bits",
    "core-5.img",
    file("core", [[1, 2 ** 32 + 1]]),
    "core-5.img: at byte 13: expected a number of 32 bits, found another value",
  ],
  [
    "a varint of eleven bytes",
    "core-5.img",
    file("core", joined([varint(8), new Uint8Array(10).fill(0x80), Uint8Array.of(0)])),
    "core-5.img: at byte 13: expected a number of 32 bits, found bytes that are none",
  ],
  [
    "one in a field that nobody knows",
    "core-5.img",
    file("core", joined([raw([[1, 1]]), varint(99 * 8), new Uint8Array(10).fill(0x80), Uint8Array.of(0)])),
    "core-5.img: at byte 16: expected a field of core_entry, found bytes that are none",
  ],
  [
    "a varint cut off",
    "core-5.img",
    file("core", Uint8Array.of(8, 0x80)),
    "core-5.img: at byte 13: expected a number of 32 bits, found the end of the message",
  ],
  [
    "a tag of field 0",
    "core-5.img",
    file("core", Uint8Array.of(0, 0)),
    "core-5.img: at byte 12: expected a field of a message, found bytes that are none",
  ],
  [
    "a group",
    "core-5.img",
    file("core", Uint8Array.of(8, 1, 0x7b, 0x7c)),
    "core-5.img: at byte 15: expected a field of core_entry, found a group (field 15)",
  ],
  [
    "a message within that is longer than its own",
    "core-5.img",
    file("core", joined([raw([[1, 1]]), varint(3 * 8 + 2), varint(2 ** 31)])),
    "core-5.img: at byte 15: expected a task_core_entry, found the end of the message",
  ],
  [
    "an address that no double holds",
    "mm-5.img",
    mm(vma({ 1: 2n ** 53n + 1n })),
    "mm-5.img: at byte 39: expected a number of 64 bits that a double holds exactly, found another value",
  ],
])("%s is refused", (_, name, bytes, message) => {
  expect(refusal(name, bytes)).toBe(message);
});
