import { existsSync, readFileSync } from "node:fs";
import { BadMaps, formatMaps, mapsEntry, parseMaps } from "@pagelapse/vma";
import type { MapsEntry } from "@pagelapse/vma";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseAreas } from "./notation.ts";

/** Lines as a kernel prints them. */
const sample = `00400000-00401000 r--p 00000000 103:01 1311768467463790320               /opt/a file (deleted)
55d0c8a31000-55d0c8a33000 r-xp 00002000 08:01 1835021                    /usr/bin/x\\012y
55d0c9b4e000-55d0c9b6f000 rw-p 00000000 00:00 0                          [heap]
7f1c2a000000-7f1c2a021000 rw-p 00000000 00:00 0 
7f1c2a021000-7f1c2e000000 ---p 00000000 00:00 0 
7f1c2e100000-7f1c2e104000 rw-s 123456789000 00:01 2049                   /dev/zero (deleted)
7f1c2e200000-7f1c2e201000 -w-s 00000000 00:0e 1041                       anon_inode:[perf_event]
7ffd1c9e6000-7ffd1ca07000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

test("what a kernel printed is read and printed back letter by letter", () => {
  expect(formatMaps(parseMaps(sample))).toBe(sample);
});

test.skipIf(!existsSync("/proc/self/maps"))("so is what this kernel prints", () => {
  const text = readFileSync("/proc/self/maps", "utf8");
  expect(parseMaps(text).length).toBeGreaterThan(10);
  expect(formatMaps(parseMaps(text))).toBe(text);
});

test("each column says what it says", () => {
  const entries = parseMaps(sample);
  expect(entries[0]).toEqual({
    start: 0x400000,
    end: 0x401000,
    flags: 1,
    offset: 0,
    major: 0x103,
    minor: 1,
    inode: 1311768467463790320n,
    name: "/opt/a file (deleted)",
  });
  expect(entries[1]).toMatchObject({ flags: 5, offset: 0x2000, name: "/usr/bin/x\ny" });
  expect(entries[3].name).toBe("");
  expect(entries[5]).toMatchObject({ flags: 0x83, offset: 0x123456789000 });
  expect(entries[8].start).toBe(2 ** 64 - 0xa00000);
});

test("an area is printed with the columns of its file, anonymous memory without its offset", () => {
  const [heap, file, shared, readOnly] = parseAreas(
    "4-5 rw-p [heap]; 6-8 r-xp f+3; 9-10 rw-s :1+2; 10-11 r--s r+0 -SHARED -MAYWRITE",
  );
  const lines = [mapsEntry(heap), mapsEntry(file, { major: 8, minor: 1, inode: 7n }), mapsEntry(shared), mapsEntry(readOnly)];
  expect(formatMaps(lines).replaceAll(/ +/g, " ").split("\n")).toEqual([
    "00004000-00005000 rw-p 00000000 00:00 0 [heap]",
    "00006000-00008000 r-xp 00003000 08:01 7 f",
    "00009000-0000a000 rw-s 00002000 00:00 0 /dev/zero (deleted)",
    "0000a000-0000b000 r--s 00000000 00:00 0 r",
    "",
  ]);
});

const pageNumber = (limit: number): fc.Arbitrary<number> => fc.oneof(fc.nat(64), fc.integer({ min: 0, max: limit }));
const entry: fc.Arbitrary<Omit<MapsEntry, "start" | "end">> = fc.record({
  flags: fc
    .tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 2), fc.constantFrom(0, 4), fc.constantFrom(0, 0x80))
    .map((bits) => bits.reduce<number>((sum, bit) => sum + bit, 0)),
  offset: pageNumber(2 ** 52 - 1).map((number) => number * 4096),
  major: fc.nat(4095),
  minor: fc.nat(1048575),
  inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  name: fc.oneof(
    fc.constantFrom("", "[heap]", "/a b  c (deleted)", "/two\nlines", "/back\\slash"),
    fc.string({ unit: "binary" }).map((text) => `/${text.replaceAll("\\", "")}`),
  ),
});

test("any areas come back from their text", () => {
  const entries = fc
    .array(fc.tuple(pageNumber(2 ** 40), fc.integer({ min: 1, max: 2 ** 40 }), entry), { size: "max", maxLength: 20 })
    .map((items) => {
      let floor = 0;
      return items.map(([gap, length, rest]) => {
        const start = floor + gap * 4096;
        floor = start + length * 4096;
        return { start, end: floor, ...rest };
      });
    });
  fc.assert(
    fc.property(entries, (list) => {
      expect(parseMaps(formatMaps(list))).toEqual(list);
    }),
  );
});

const line = "55d0c8a31000-55d0c8a33000 r-xp 00002000 08:01 1835021                    /usr/bin/x";

test.each([
  ["", 1, "a start address in hexadecimal"],
  ["hello", 1, "a start address in hexadecimal"],
  [line.replace("55d0c8a31000-", "55d0c8a31-"), 10, "a start address in hexadecimal that is a multiple of 4096"],
  [line.replace("55d0c8a31000-", "ffffffffff600001-"), 17, "a start address in hexadecimal that is a multiple of 4096"],
  [line.replace("-55", " 55"), 13, "'-' between start and end"],
  [line.replace("55d0c8a33000", "55d0c8a31000"), 26, "an end above 55d0c8a31000"],
  [line.replace("55d0c8a33000", "55D0C8A33000"), 14, "an end address in hexadecimal"],
  [line.replace("r-xp", "rwxq"), 27, "rights such as rw-p"],
  [line.replace("00002000", "2000"), 32, "an offset in hexadecimal"],
  [line.replace("00002000", "00002008"), 40, "an offset in hexadecimal that is a multiple of 4096"],
  [line.replace("08:01", "0801"), 45, "':' between major and minor number"],
  [line.replace("1835021", "x"), 47, "an inode number"],
  [line.replace(/1835021.*/, "12a"), 49, "a space"],
  [line.slice(0, 30), 31, "a space"],
])("%j is refused", (text, column, expected) => {
  const found = refusal(`${text}\n`);
  expect([found.line, found.column, found.expected]).toEqual([1, column, expected]);
});

test("a line that does not lie above the one before it is refused, with its number", () => {
  const found = refusal(`${line}\n${line}\n`);
  expect(found.message).toBe('line 2, column 13: expected a start at or above 55d0c8a33000, found "55d0c8a31000"');
});

test("a text cut short gives the whole lines before, and the last one or its refusal", () => {
  for (let length = 1; length < sample.length; length++) {
    const text = sample.slice(0, length);
    const count = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
    expect(linesOrRefusal(text), `${length} letters`).toBe(count);
  }
});

/** How many lines were read, or the number of the one that was refused. */
function linesOrRefusal(text: string): number {
  try {
    return parseMaps(text).length;
  } catch (error) {
    if (error instanceof BadMaps) return error.line;
    throw error;
  }
}

function refusal(text: string): BadMaps {
  try {
    parseMaps(text);
  } catch (error) {
    if (error instanceof BadMaps) return error;
    throw error;
  }
  throw new Error("not refused");
}
