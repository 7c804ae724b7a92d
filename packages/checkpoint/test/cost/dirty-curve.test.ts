// The curve of dirtied pages beside one counted with a set for each interval.

import { DirtyCurve } from "@pagelapse/checkpoint/cost";
import type { DirtyPoint } from "@pagelapse/checkpoint/cost";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

/** Stores to a few pages, some time after each other. */
const histories = fc.array(fc.tuple(fc.nat(3), fc.nat(4)), { size: "max", maxLength: 80 });
const bases = fc.constantFrom(1, 1.5, 2, 7);

/** Whether `curve` counts as sets do, for every history. */
function countsAsSets(curve: (stores: readonly Store[], base: number, end: number) => readonly DirtyPoint[]): void {
  fc.assert(
    fc.property(histories, bases, fc.nat(9), (gaps, base, rest) => {
      let time = 0;
      const stores = gaps.map(([page, gap]) => ({ page, time: (time += gap) }));
      expect(curve(stores, base, time + rest)).toEqual(bySets(stores, base, time + rest));
    }),
  );
}

interface Store {
  readonly page: number;
  readonly time: number;
}

function byCurve(stores: readonly Store[], base: number, end: number): readonly DirtyPoint[] {
  const curve = new DirtyCurve(base);
  for (const { page, time } of stores) curve.stored(page, time);
  return curve.points(end);
}

function bySets(stores: readonly Store[], base: number, end: number): readonly DirtyPoint[] {
  const points: DirtyPoint[] = [];
  for (let interval = base; interval <= end; interval *= 2) {
    const count = Math.floor(end / interval);
    const dirtied = Array.from({ length: count }, (_, k) => {
      const inside = stores.filter(({ time }) => time >= k * interval && time < (k + 1) * interval);
      return new Set(inside.map(({ page }) => page)).size;
    });
    points.push({ interval, count, pages: dirtied.reduce((sum, each) => sum + each, 0) });
  }
  return points;
}

test("every interval has as many pages as a set of its stores", () => expect(() => countsAsSets(byCurve)).not.toThrow());

describe("the comparison finds out", () => {
  test.each<[name: string, curve: typeof byCurve]>([
    ["one that forgets the pages of the interval before", (stores, base, end) => byCurve(stores.slice(1), base, end)],
    ["one that counts the interval that has not passed", (stores, base, end) => byCurve(stores, base, end + base)],
    ["one that counts from the first store on", (stores, base, end) => byCurve(shifted(stores), base, end)],
  ])("%s", (_, curve) => expect(() => countsAsSets(curve)).toThrow(/Property failed/));
});

function shifted(stores: readonly Store[]): readonly Store[] {
  const first = stores.at(0)?.time ?? 0;
  return stores.map(({ page, time }) => ({ page, time: time - first }));
}

test("one page stored to all the time is one page an interval", () => {
  const stores = Array.from({ length: 64 }, (_, time) => ({ page: 9, time }));
  expect(byCurve(stores, 8, 64)).toEqual([
    { interval: 8, count: 8, pages: 8 },
    { interval: 16, count: 4, pages: 4 },
    { interval: 32, count: 2, pages: 2 },
    { interval: 64, count: 1, pages: 1 },
  ]);
});

test("a history shorter than the shortest interval has no point", () => {
  expect(byCurve([{ page: 0, time: 0 }], 8, 7)).toEqual([]);
});
