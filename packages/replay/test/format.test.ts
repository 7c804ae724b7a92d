import { lz4 } from "@pagelapse/replay";
import { deflate } from "@pagelapse/replay/node";
import fc from "fast-check";
import { crc32 as zlibCrc32 } from "node:zlib";
import { expect, test } from "vitest";
import { crc32 } from "../src/format/crc32.ts";
import { DifferenceReader, DifferenceWriter, decodeNumbers, encodeNumbers } from "../src/format/stretch.ts";

/** Bytes with repetitions near and far, and noise between them. */
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.integer({ min: 2, max: 200 }))
        .map(([part, times]) => Uint8Array.from({ length: part.length * times }, (_, i) => part[i % part.length])),
    ),
    { maxLength: 30, size: "max" },
  )
  .chain((parts) =>
    fc.array(fc.constantFrom(...(parts.length === 0 ? [new Uint8Array(1)] : parts)), { maxLength: 60, size: "max" }),
  )
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

test.each([lz4, deflate])("codec $code gives back what it took, and needs few bytes for what repeats", (codec) => {
  let shrunk = 0;
  fc.assert(
    fc.property(bytes, (raw) => {
      const stored = codec.encode(raw, raw.length * 2 + 32)?.slice();
      if (stored === undefined) throw new Error("no room");
      const back = new Uint8Array(raw.length);
      expect(codec.decode(stored, back)).toBe(true);
      expect(Buffer.compare(back, raw)).toBe(0);
      if (stored.length < raw.length / 3) shrunk++;
    }),
    { numRuns: 200 },
  );
  expect(shrunk).toBeGreaterThan(20);
});

test("lz4 refuses what is no block of just so many bytes, whatever it is, and writes nowhere else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(300), (stored, length) => {
      const room = new Uint8Array(length + 16).fill(7);
      lz4.decode(stored, room.subarray(0, length));
      expect(room.subarray(length).every((byte) => byte === 7)).toBe(true);
    }),
    { numRuns: 2000 },
  );
  const raw = new Uint8Array(1000).fill(3);
  const stored = lz4.encode(raw, 1000)?.slice() ?? new Uint8Array();
  expect(lz4.decode(stored, new Uint8Array(999))).toBe(false);
  expect(lz4.decode(stored.subarray(0, -1), new Uint8Array(1000))).toBe(false);
});

test("lz4 reads a block as its format describes it", () => {
  // "abcabcabcabcabc" + "xyzab": token 3 literals, match of 12 at distance 3, then 5 literals.
  const stored = Uint8Array.of(0x38, 0x61, 0x62, 0x63, 3, 0, 0x50, 0x78, 0x79, 0x7a, 0x61, 0x62);
  const raw = new Uint8Array(20);
  expect(lz4.decode(stored, raw)).toBe(true);
  expect(Buffer.from(raw).toString()).toBe("abcabcabcabcabcxyzab");
});

test("checksums are those of zip", () => {
  expect(crc32(Buffer.from("123456789"))).toBe(0xcbf4_3926);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(40), (all, from) => {
      const start = Math.min(from, all.length);
      expect(crc32(all, start)).toBe(zlibCrc32(all.subarray(start)));
    }),
  );
});

test("columns of numbers come back", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(300), fc.nat(2 ** 31)), { maxLength: 50 }), (numbers) => {
      const column = Uint32Array.from(numbers);
      expect(decodeNumbers(encodeNumbers(column, column.length), column.length, 2 ** 32)).toEqual(column);
      const most = Math.max(...column);
      if (column.length > 0) expect(decodeNumbers(encodeNumbers(column, column.length), column.length, most)).toBe(undefined);
      expect(decodeNumbers(encodeNumbers(column, column.length), 2 * column.length + 5, 2 ** 32)).toBe(undefined);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(300), fc.maxSafeNat()), { maxLength: 50 }), (numbers) => {
      const writer = new DifferenceWriter();
      for (const number of numbers) writer.add(number);
      const reader = new DifferenceReader(writer.take().slice());
      expect(numbers.map(() => reader.next())).toEqual(numbers);
    }),
  );
});
