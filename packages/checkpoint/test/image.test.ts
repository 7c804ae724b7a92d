import { BadImage, decodeImage, encodeImage, strategyNamed } from "@pagelapse/checkpoint";
import type { Image, PageKind, PageRun, Strategy } from "@pagelapse/checkpoint";
import { frameBytes, i386, x86_64 } from "@pagelapse/mmu";
import fc from "fast-check";
import type { Area } from "@pagelapse/vma";
import { describe, expect, test } from "vitest";
import { crc32c } from "../src/image/crc32c.ts";
import { present } from "./present.ts";

const stack: Area = {
  start: 0x7fff_ffff_d000,
  end: 0x7fff_ffff_f000,
  flags: 0x8010_0173,
  file: undefined,
  offset: 0x7fff_ffff_d000,
  name: "[stack]",
  object: undefined,
  anonVma: 3,
};
const library: Area = {
  start: 0x40_0000,
  end: 0x40_3000,
  flags: 0x75,
  file: "/lib/libc.so.6",
  offset: 0x2000,
  name: "/lib/Bücher\\",
  object: 7,
  anonVma: undefined,
};
const first: Image = {
  sequence: 0,
  parent: undefined,
  pid: 4711,
  checkCount: 1,
  startBrk: 0x60_0000,
  brk: 0x60_0123,
  areas: [library, stack],
  runs: [
    { start: 0x40_0000, pageCount: 1, kind: "ZERO" },
    { start: 0x7fff_ffff_e000, pageCount: 1, kind: "DATA" },
  ],
};
const encode = (image: Image): Uint8Array => encodeImage(x86_64, image, (index, target) => target.fill(index + 1)).bytes;
const refusal = (bytes: Uint8Array): BadImage => {
  try {
    decodeImage(x86_64, "f", bytes);
  } catch (error) {
    if (error instanceof BadImage) return error;
    throw error;
  }
  throw new Error("it was believed");
};

/** The file with another value somewhere and a checksum that fits it. */
function repaired(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 4) return bytes;
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(bytes.length - 4, crc32c(bytes.subarray(0, -4)), true);
  return bytes;
}

/** Believed, and then what would be written again is this; or refused with `BadImage`, inside the file. */
function isSound(bytes: Uint8Array): "believed" | "refused" {
  let decoded;
  try {
    decoded = decodeImage(x86_64, "f", bytes);
  } catch (error) {
    if (!(error instanceof BadImage)) throw error;
    if (!(error.offset >= 0 && error.offset <= bytes.length)) throw new Error(`offset ${error.offset}`, { cause: error });
    return "refused";
  }
  const again = encodeImage(x86_64, decoded, (index, target) => target.set(decoded.dataPage(index)));
  if (Buffer.compare(again.bytes, bytes) !== 0 || again.checksum !== decoded.checksum)
    throw new Error("not the only way to write it");
  return "believed";
}

test("the bytes stand where the drawing has them", () => {
  const bytes = encode({ ...first, sequence: 5, parent: { sequence: 4, checksum: 0xabcd } });
  const view = new DataView(bytes.buffer);
  expect(new TextDecoder().decode(bytes.subarray(0, 8))).toBe("PGLAPSE\n");
  expect([8, 12, 40, 44, 48, 52, 72, 76].map((at) => view.getUint32(at, true))).toEqual([1, 5, 4, 0xabcd, 4711, 1, 2, 2]);
  expect([16, 56, 64].map((at) => view.getFloat64(at, true))).toEqual([bytes.length, 0x60_0000, 0x60_0123]);
  expect(new TextDecoder().decode(bytes.subarray(24, 31))).toBe("x86-64\0");
  expect([80, 96].map((at) => [view.getFloat64(at, true), view.getUint32(at + 8, true), view.getUint32(at + 12, true)])).toEqual([
    [0x40_0000, 1, 1],
    [0x7fff_ffff_e000, 1, 0],
  ]);
  expect(view.getFloat64(112, true)).toBe(library.start);
  expect(bytes.subarray(bytes.length - 4 - frameBytes, -4)).toEqual(new Uint8Array(frameBytes).fill(1));
  expect(view.getUint32(bytes.length - 4, true)).toBe(crc32c(bytes.subarray(0, -4)));
});

const kinds: readonly PageKind[] = ["DATA", "ZERO", "PARENT"];
const label = fc.string({ unit: "grapheme", maxLength: 12 });
/** Areas and pages laid out from below, gaps and all. */
const images: fc.Arbitrary<Image> = fc
  .record({
    sequence: fc.integer({ min: 3, max: 2 ** 32 - 2 }),
    parent: fc.option(fc.record({ sequence: fc.nat(2), checksum: fc.nat() }), { nil: undefined }),
    pid: fc.nat(),
    checkCount: fc.nat(),
    startBrk: fc.maxSafeNat().map((value) => value % x86_64.taskSize),
    brk: fc.constantFrom(0, 1, x86_64.taskSize),
    parts: fc.array(
      fc.record({
        gap: fc.constantFrom(0, 1, 2 ** 30),
        flags: fc.nat(),
        file: fc.option(label, { nil: undefined }),
        offset: fc.constantFrom(0, -4096, 2 ** 52, 2 ** 62),
        name: label,
        object: fc.option(fc.nat(), { nil: undefined }),
        anonVma: fc.option(fc.nat(), { nil: undefined }),
        pages: fc.array(fc.constantFrom("none" as const, ...kinds), { minLength: 1, maxLength: 5 }),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ parts, ...head }) => {
    let at = 0;
    const areas: Area[] = [];
    const runs: PageRun[] = [];
    for (const { gap, pages, ...rest } of parts) {
      const start = at + gap * frameBytes;
      at = start + pages.length * frameBytes;
      areas.push({ ...rest, start, end: at });
      pages.forEach((kind, index) => {
        if (kind !== "none")
          addPage(runs, start + index * frameBytes, kind === "PARENT" && head.parent === undefined ? "ZERO" : kind);
      });
    }
    return { ...head, areas, runs };
  });

function addPage(runs: PageRun[], vaddr: number, kind: PageKind): void {
  const last = runs.at(-1);
  const continues = last !== undefined && last.kind === kind && last.start + last.pageCount * frameBytes === vaddr;
  if (continues) runs[runs.length - 1] = { ...last, pageCount: last.pageCount + 1 };
  else runs.push({ start: vaddr, pageCount: 1, kind });
}

test("an image decoded is the image that was encoded, and its bytes are the only ones", () => {
  fc.assert(
    fc.property(images, (image) => {
      const bytes = encode(image);
      const { checksum, dataPage, ...decoded } = decodeImage(x86_64, "f", bytes);
      expect(decoded).toEqual(image);
      expect(checksum).toBe(crc32c(bytes.subarray(0, -4)));
      if (image.runs.some(({ kind }) => kind === "DATA")) expect(dataPage(0)).toEqual(new Uint8Array(frameBytes).fill(1));
      expect(isSound(bytes)).toBe("believed");
    }),
    { numRuns: 150 },
  );
});

describe("a mutilated image", () => {
  const whole = encode(first);

  test("is refused wherever it is cut off", () => {
    for (let length = 0; length < whole.length; length++) expect(isSound(whole.slice(0, length))).toBe("refused");
    const withLength = (length: number): Uint8Array => {
      const cut = whole.slice(0, length);
      if (length >= 24) new DataView(cut.buffer).setFloat64(16, length, true);
      return repaired(cut);
    };
    for (let length = 0; length < whole.length; length++) expect(isSound(withLength(length)), `${length}`).toBe("refused");
    expect(isSound(Uint8Array.of(...whole, 0))).toBe("refused");
  });

  test("is refused for every bit that is turned over", () => {
    const head = whole.length - frameBytes;
    for (let bit = 0; bit < head * 8; bit++) {
      const flipped = whole.slice();
      const at = bit >>> 3 < head - 4 ? bit >>> 3 : whole.length - head + (bit >>> 3);
      flipped[at] ^= 1 << (bit & 7);
      expect(isSound(flipped)).toBe("refused");
    }
  });

  test("whose checksum fits is refused, or is another image", () => {
    const outcomes = { believed: 0, refused: 0 };
    for (let bit = 0; bit < (whole.length - frameBytes - 4) * 8; bit++) {
      const flipped = whole.slice();
      flipped[bit >>> 3] ^= 1 << (bit & 7);
      outcomes[isSound(repaired(flipped))]++;
    }
    expect(outcomes.believed).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(500);
    fc.assert(
      fc.property(
        images,
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xf0, 0xff)), { minLength: 1, maxLength: 6 }),
        (image, changes) => {
          const bytes = encode(image);
          for (const [at, value] of changes) bytes[at % Math.min(bytes.length, 400)] = value;
          isSound(repaired(bytes));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("that is any bytes ends in a refusal", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300, size: "max" }), (bytes) => isSound(bytes) === "refused"));
  });
});

/** Each line of a refusal: what is wrong, where, what should be there and what is. */
const wrongs: readonly (readonly [string, Partial<Image>, number, string, string])[] = [
  ["pages out of order", { runs: [first.runs[1], first.runs[0]] }, 96, "a page not below 140737488351232", "4194304"],
  ["a page twice", { runs: [first.runs[0], first.runs[0]] }, 96, "a page not below 4198400", "4194304"],
  [
    "two runs that are one",
    { runs: [first.runs[0], { ...first.runs[0], start: 0x40_1000 }] },
    108,
    "neighbouring pages of one kind in one run",
    "ZERO",
  ],
  ["an empty run", { runs: [{ ...first.runs[0], pageCount: 0 }] }, 88, "1 to 1048576 pages", "0"],
  ["a page off its place", { runs: [{ ...first.runs[0], start: 0x40_0001 }] }, 80, "a page at a multiple of 4096", "4194305"],
  ["a page in no area", { runs: [{ ...first.runs[0], pageCount: 4 }] }, 80, "pages inside areas", "page 4206592 in none"],
  [
    "a parent's page without a parent",
    { runs: [{ ...first.runs[0], kind: "PARENT" }] },
    92,
    "no PARENT pages without a parent",
    "PARENT",
  ],
  ["a parent that comes later", { parent: { sequence: 1, checksum: 0 } }, 40, "a parent before image 0", "1"],
  ["areas that overlap", { areas: [library, library] }, 183, "an area not below 4206592", "4194304"],
  ["an area that is none", { areas: [{ ...library, end: library.start }], runs: [] }, 88, "an end above 4194304", "4194304"],
  [
    "an area of the kernel's",
    { areas: [{ ...stack, end: x86_64.taskSize + 4096 }], runs: [] },
    88,
    `the end of an area from 0 to ${x86_64.taskSize}`,
    "140737488355328",
  ],
  ["a break of the kernel's", { brk: 2 ** 47 }, 64, `the break from 0 to ${x86_64.taskSize}`, "140737488355328"],
  ["an offset that is no number", { areas: [{ ...library, offset: NaN }], runs: [] }, 96, "an offset that is an integer", "NaN"],
];

test.each(wrongs)("%s is refused, and it says where", (_, change, offset, expected, found) => {
  const error = refusal(encode({ ...first, ...change }));
  expect(error).toMatchObject({ file: "f", offset, expected, found });
  expect(error.message).toBe(`f: at byte ${offset}: expected ${expected}, found ${found}`);
});

test("a file that says it is larger than it is is refused before anything is made of its counts", () => {
  const bytes = encode(first);
  new DataView(bytes.buffer).setUint32(72, 0xffff_fff0, true);
  expect(refusal(repaired(bytes))).toMatchObject({ offset: 72, found: "4294967280" });
  const areas = encode(first);
  new DataView(areas.buffer).setUint32(112 + 36, 0x7fff_ffff, true);
  expect(refusal(repaired(areas))).toMatchObject({ expected: "2147483647 bytes" });
});

test("an image of another architecture, format or file is refused", () => {
  const ofI386 = encodeImage(i386, { ...first, areas: [library], runs: [] }, () => undefined).bytes;
  expect(refusal(ofI386)).toMatchObject({ offset: 24, expected: "an image of x86-64" });
  const newer = encode(first);
  newer[8] = 2;
  expect(refusal(newer)).toMatchObject({ offset: 8, expected: "format version 1", found: "2" });
  expect(refusal(new TextEncoder().encode("\u007fELF"))).toMatchObject({ offset: 0, expected: 'the magic "PGLAPSE\\n"' });
  expect(refusal(new Uint8Array(0))).toMatchObject({ offset: 0, found: "0" });
});

describe("a chain", () => {
  const dirtyBit = present(strategyNamed("dirty-bit"));
  const zero = encodeImage(x86_64, first, (_, target) => target.fill(1));
  const child: Image = {
    ...first,
    sequence: 1,
    parent: { sequence: 0, checksum: zero.checksum },
    runs: first.runs.map((run) => ({ ...run, kind: "PARENT" })),
  };
  const read = (...files: readonly Uint8Array[]): ReturnType<Strategy["rebuild"]> => {
    const rebuild = dirtyBit.rebuild(x86_64);
    files.forEach((bytes, index) => rebuild.add(`image_1_${index}`, bytes));
    return rebuild;
  };

  test("gives a child its parent's pages", () => {
    const { image } = read(zero.bytes, encode(child));
    expect([...image.pages.keys()]).toEqual([0x40_0000, 0x7fff_ffff_e000]);
    expect(image.pages.get(0x7fff_ffff_e000)).toEqual(new Uint8Array(frameBytes).fill(1));
  });

  test("refuses a child without its parent, and one whose parent was written over", () => {
    expect(() => read(encode(child))).toThrow("expected an image without a parent, to begin with, found 0 with the checksum");
    const other = encodeImage(x86_64, first, (_, target) => target.fill(2)).bytes;
    expect(() => read(other, encode(child))).toThrow(BadImage);
  });

  test("refuses an image that stands before the last one", () => {
    expect(() => read(zero.bytes, zero.bytes)).toThrow("at byte 12: expected a sequence above 0, found 0");
  });

  test("refuses a page that the parent lacks, and is as it was", () => {
    const rebuild = read(zero.bytes);
    const before = rebuild.image;
    const lacking = encode({ ...child, runs: [{ start: 0x40_0000, pageCount: 2, kind: "PARENT" }] });
    expect(() => rebuild.add("image_1_1", lacking)).toThrow(
      "expected pages that the parent has, found page 4198400, which it lacks",
    );
    expect(rebuild.image).toBe(before);
    expect(rebuild.add("image_1_1", encode(child))).toEqual([]);
  });
});
