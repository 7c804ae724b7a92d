// Pre-copy beside its closed form, and beside rounds cut out of a list of stores by hand.

import { PreCopy } from "@pagelapse/checkpoint/cost";
import type { PreCopyOptions, PreCopyResult } from "@pagelapse/checkpoint/cost";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const pageBytes = 4096;

/** A program that stores to `rate` new pages a second, each page in its turn, for so many seconds. */
function copyOf(pages: number, rate: number, seconds: number, options: Partial<PreCopyOptions>): PreCopyResult {
  const copy = new PreCopy({ bandwidth: pageBytes * 1000, downtime: 0.01, pageBytes, roundLimit: 30, ...options }, pages, 0);
  for (let store = 0; store < rate * seconds; store++) copy.stored(store, (store + 0.5) / rate);
  copy.passed(seconds);
  return copy.result;
}

describe("a constant dirty rate r under a bandwidth b", () => {
  test.each([0.1, 0.3, 0.5, 0.8])("r/b = %d leaves S (r/b)^n after n rounds, and converges", (ratio) => {
    const pages = 2 ** 14;
    const { end, rounds, downtime, lastPages } = copyOf(pages, 1000 * ratio, 200, { roundLimit: 40 });
    expect(end).toBe("converged");
    rounds.forEach(({ dirtied }, n) => expect(Math.abs(dirtied - pages * ratio ** (n + 1))).toBeLessThan(1 / (1 - ratio) + 1));
    expect(lastPages).toBe(rounds.at(-1)?.dirtied);
    expect(downtime).toBeLessThanOrEqual(0.01);
    expect(rounds.at(-2)?.dirtied ?? pages).toBeGreaterThan(10);
  });

  test.each([1, 1.2])("r/b = %d never gets smaller, and is stopped", (ratio) => {
    const { end, rounds, downtime } = copyOf(100, 1000 * ratio, 60, { roundLimit: 12 });
    expect({ end, rounds: rounds.length }).toEqual({ end: "stopped", rounds: 12 });
    expect(downtime).toBeGreaterThanOrEqual(0.1);
  });
});

test("a page stored to again and again is sent again once a round", () => {
  const copy = new PreCopy({ bandwidth: pageBytes * 10, downtime: 0, pageBytes, roundLimit: 3 }, 5, 100);
  for (let now = 100; now < 101; now += 0.01) copy.stored(7, now);
  expect(copy.result).toEqual({
    end: "stopped",
    rounds: [
      { pages: 5, seconds: 0.5, dirtied: 1 },
      { pages: 1, seconds: 0.1, dirtied: 1 },
      { pages: 1, seconds: 0.1, dirtied: 1 },
    ],
    lastPages: 1,
    downtime: 0.1,
  });
});

test("a program that ends during a round leaves it open", () => {
  const copy = new PreCopy({ bandwidth: pageBytes, downtime: 1, pageBytes, roundLimit: 30 }, 10, 0);
  copy.stored(1, 3);
  copy.passed(9.5);
  expect(copy.result).toEqual({ end: "outlived", rounds: [], lastPages: 0, downtime: 0 });
});

test("an idle program needs one round and no downtime", () => {
  expect(copyOf(64, 0, 1, {})).toEqual({
    end: "converged",
    rounds: [{ pages: 64, seconds: 0.064, dirtied: 0 }],
    lastPages: 0,
    downtime: 0,
  });
});

/** Stores as (page, ticks since the last one): 1024 ticks a second, so that no moment is rounded. */
const stores = fc.array(fc.tuple(fc.nat(5), fc.nat(3)), { size: "max", maxLength: 60 });

/** Copies of a page a tick, one page left at the end, three rounds. */
const tick = 1 / 1024;
const tiny = { bandwidth: 1024, downtime: tick, pageBytes: 1, roundLimit: 3 };

function agreesWithHand(PreCopyClass: typeof PreCopy): void {
  fc.assert(
    fc.property(stores, fc.nat(6), (gaps, pages) => {
      let now = 0;
      const events = gaps.map(([page, gap]) => ({ page, now: (now += gap) }));
      const copy = new PreCopyClass(tiny, pages, 0);
      for (const event of events) copy.stored(event.page, event.now * tick);
      copy.passed(now * tick);
      expect(copy.result).toEqual(byHand(events, now, pages));
    }),
  );
}

test("rounds, pages and ends are those cut out by hand, whatever is stored", () =>
  expect(() => agreesWithHand(PreCopy)).not.toThrow());

describe("the comparison finds out", () => {
  test("a copy that sends everything it ever saw dirty", () => {
    class Hoards extends PreCopy {
      readonly #all: number[] = [];
      override stored(page: number, now: number): void {
        this.#all.push(page);
        for (const each of this.#all) super.stored(each, now);
      }
    }
    expect(() => agreesWithHand(Hoards)).toThrow(/Property failed/);
  });

  test("a copy that counts the store at a round's end in that round", () => {
    class Late extends PreCopy {
      override stored(page: number, now: number): void {
        super.stored(page, now - tick / 2);
      }
    }
    expect(() => agreesWithHand(Late)).toThrow(/Property failed/);
  });
});

function byHand(events: readonly { page: number; now: number }[], end: number, pages: number): PreCopyResult {
  const rounds: { pages: number; seconds: number; dirtied: number }[] = [];
  for (let from = 0, sending = pages; from + sending <= end;) {
    const until = from + sending;
    const dirtied = new Set(events.filter(({ now }) => now >= from && now < until).map(({ page }) => page)).size;
    rounds.push({ pages: sending, seconds: sending * tick, dirtied });
    if (dirtied <= 1) return { end: "converged", rounds, lastPages: dirtied, downtime: dirtied * tick };
    if (rounds.length === 3) return { end: "stopped", rounds, lastPages: dirtied, downtime: dirtied * tick };
    from = until;
    sending = dirtied;
  }
  return { end: "outlived", rounds, lastPages: 0, downtime: 0 };
}
