// Images changed at random, half of them with everything else put right again, are refused, or are images of their own.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isFailure, readFile } from "@pagelapse/vfs";
import type { Vfs } from "@pagelapse/vfs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BadImage } from "../../src/bad-image.ts";
import { decodeManifest, encodeManifest } from "../../src/image/manifest.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { copyOf, manifestOf, overwrite, repair, sealed, twoImages } from "./forge.ts";
import { mapNames, memoryIn, runLengths } from "./program.ts";
import type { Encoding } from "./program.ts";

const encodings: readonly Encoding[] = ["raw", "lines", "compressed"];
const originals = new Map(encodings.map((encoding) => [encoding, twoImages(mapNames, encoding).vfs]));

/** A change somewhere in a JSON value: `at` picks the place among all. */
interface Change {
  readonly at: number;
  readonly kind: "nudge" | "replace" | "remove" | "repeat" | "swap";
  readonly value: unknown;
}

/** What numbers and texts become: near what is allowed, and far from it. */
const values: readonly unknown[] = [
  0,
  1,
  2,
  7,
  -1,
  1.5,
  4096,
  8192,
  65_536,
  0x10800,
  0x11000,
  0x12000,
  0x14000,
  2 ** 31,
  2 ** 32,
  2 ** 47 - 4096,
  2 ** 53,
  1e300,
  "",
  "raw",
  "lines",
  "compressed",
  "DATA",
  "ZERO",
  "PARENT",
  "checksums",
  "../x",
  "\u{1b}[2J",
  null,
  true,
  [],
  {},
];

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat({ max: 1_000_000 }),
  kind: fc.constantFrom("nudge", "nudge", "nudge", "replace", "replace", "remove", "repeat", "swap"),
  value: fc.constantFrom(...values),
});

type Json = Record<string, unknown> | unknown[];

/** Makes a change in place. */
function apply(root: Json, { at, kind, value }: Change): void {
  const places: { readonly whole: Json; readonly key: string }[] = [];
  const visit = (whole: Json): void => {
    for (const [key, part] of Object.entries(whole)) {
      places.push({ whole, key });
      if (typeof part === "object" && part !== null) visit(part as Json);
    }
  };
  visit(root);
  const numbers = places.filter((place) => typeof Reflect.get(place.whole, place.key) === "number");
  const candidates = kind === "nudge" ? numbers : places;
  const { whole, key } = candidates[at % candidates.length];
  const part: unknown = Reflect.get(whole, key);
  if (kind === "nudge") Reflect.set(whole, key, Number(part) + (at % 3 === 0 ? -1 : 1) * (at % 2 === 0 ? 1 : 4096));
  else if (!Array.isArray(whole)) {
    if (kind === "remove") Reflect.deleteProperty(whole, key);
    else Reflect.set(whole, key, value);
  } else if (kind === "replace") whole[Number(key)] = value;
  else if (kind === "remove") whole.splice(Number(key), 1);
  else if (kind === "repeat") whole.splice(Number(key), 0, structuredClone(part));
  else whole.reverse();
}

/** What becomes of an image: why it is not believed, or its memory. */
function outcome(vfs: Vfs): string {
  try {
    return `believed: ${memoryIn(new ImageStore(vfs, { codecs: [runLengths] }).openChain("image-2"))}`;
  } catch (error) {
    if (error instanceof BadImage) return error.message;
    throw error;
  }
}

const seen = { refused: 0, repaired: 0, believed: 0, changed: 0, slowest: 0 };

test("a mutant is refused with a reason, or spelt as we would spell it, and the same both times", () => {
  const mutant = fc.record({
    encoding: fc.constantFrom(...encodings),
    changes: fc.array(change, { minLength: 1, maxLength: 2 }),
    isRepaired: fc.boolean(),
  });
  fc.assert(
    fc.property(mutant, ({ encoding, changes, isRepaired }) => {
      const vfs = copyOf(originals.get(encoding) as Vfs);
      const value = JSON.parse(new TextDecoder().decode(readFile(vfs, "image-2/manifest.json") as Uint8Array)) as Json;
      for (const one of changes) apply(value, one);
      const text = JSON.stringify(value);
      const end = text.lastIndexOf(',"checksum"');
      overwrite(
        vfs,
        "image-2/manifest.json",
        isRepaired && end > 0 ? sealed(text.slice(0, end)) : new TextEncoder().encode(`${text}\n`),
      );
      if (isRepaired) seen.repaired += repairIfTree(vfs) ? 1 : 0;
      const begun = performance.now();
      const found = outcome(vfs);
      seen.slowest = Math.max(seen.slowest, performance.now() - begun);
      expect(outcome(vfs)).toBe(found);
      if (found.startsWith("believed")) {
        seen.believed++;
        if (found !== outcome(originals.get(encoding) as Vfs)) seen.changed++;
        expect(encodeManifest(manifestOf(vfs, "image-2"))).toEqual(readFile(vfs, "image-2/manifest.json"));
      } else seen.refused++;
    }),
    { numRuns: 2500 },
  );
  // Mutants reach what lies behind checksums and CRIU's files, and some are other images, and right.
  expect(seen.refused).toBeGreaterThan(1500);
  expect(seen.repaired).toBeGreaterThan(100);
  expect(seen.believed).toBeGreaterThan(100);
  expect(seen.changed).toBeGreaterThan(5);
  expect(seen.slowest).toBeLessThan(2000);
});

/** Puts the rest right where the manifest is one of a tree. */
function repairIfTree(vfs: Vfs): boolean {
  try {
    repair(vfs, "image-2");
    return true;
  } catch (error) {
    if (error instanceof BadImage) return false;
    throw error;
  }
}

const corpus = join(import.meta.dirname, "corpus");

/** Manifests that each have one thing wrong, and what is said of it. */
const expected = readFileSync(join(corpus, "expected.txt"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split("\t"));

test.each(expected)("of the corpus, %s is refused: %s", (name, message) => {
  expect(() => decodeManifest("manifest.json", readFileSync(join(corpus, name)))).toThrow(message);
});

test("every file of the corpus has its line", () => {
  expect(expected.map(([name]) => name)).toEqual(readdirSync(corpus).filter((name) => name.endsWith(".manifest")));
});

test("nothing is allocated for what a length says before it is known to be there", () => {
  const vfs = copyOf(originals.get("raw") as Vfs);
  const bytes = readFile(vfs, "image-2/manifest.json");
  if (isFailure(bytes)) throw new Error(bytes.errno);
  const claims = [2 ** 22, 2 ** 31, 2 ** 40].map((pageCount) => {
    const forged = new TextDecoder().decode(bytes).replace(/"runs":\[\[65536,1,/, `"runs":[[65536,${pageCount},`);
    overwrite(vfs, "image-2/manifest.json", sealed(forged.slice(0, forged.lastIndexOf(',"checksum"'))));
    const before = process.memoryUsage();
    expect(outcome(vfs)).not.toMatch(/^believed/);
    const after = process.memoryUsage();
    return after.arrayBuffers - before.arrayBuffers;
  });
  expect(Math.max(...claims)).toBeLessThan(2 ** 24);
});
