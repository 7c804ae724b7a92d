// Pages that a coarse tracker saves.

import { granulePages } from "@pagelapse/checkpoint/cost";
import fc from "fast-check";
import { expect, test } from "vitest";

const page = 4096;

test.each<[granule: number, changed: readonly number[], content: readonly number[], pages: number]>([
  [page, [0, 1], [0, 1, 2, 3], 2],
  [4 * page, [0], [0, 1, 2, 3, 4], 4],
  [4 * page, [0, 3], [0, 1, 2, 3, 4], 4],
  [4 * page, [3, 4], [0, 3, 4, 9], 3],
  [4 * page, [5], [], 1],
  [512 * page, [513], [511, 512, 513, 1023, 1024], 3],
  [512 * page, [], [0, 1], 0],
])("granules of %d bytes: %j changed of %j are %d pages", (granule, changed, content, pages) => {
  expect(granulePages(changed.map(at), content.map(at), granule)).toBe(pages);
});

test("a page is saved if anything in its granule changed, and a larger granule never saves less", () => {
  const numbers = fc.uniqueArray(fc.nat(40), { size: "max", maxLength: 12 });
  fc.assert(
    fc.property(numbers, numbers, (changed, content) => {
      let last = 0;
      for (const pages of [1, 2, 4, 16]) {
        const inGranule = (number: number): boolean =>
          changed.some((each) => Math.floor(each / pages) === Math.floor(number / pages));
        const expected = new Set([...changed, ...content.filter(inGranule)]).size;
        const found = granulePages(changed.map(at), content.map(at), pages * page);
        expect(found).toBe(expected);
        expect(found).toBeGreaterThanOrEqual(last);
        last = found;
      }
    }),
  );
});

/** Address of a page, far enough up that 32 bits would not hold it. */
function at(number: number): number {
  return 0x7000_0000_0000 + number * page;
}
