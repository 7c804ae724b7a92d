// Prices of a checkpoint.

import { disturbanceSeconds, pauseSeconds, prices, restoreSeconds, usualCosts } from "@pagelapse/checkpoint/cost";
import type { CostName, Costs } from "@pagelapse/checkpoint/cost";
import { expect, test } from "vitest";

const work = {
  scanned: 2,
  checked: 3,
  copied: 5,
  forked: 37,
  bytesWritten: 7,
  syncs: 11,
  flushes: 13,
  shootdowns: 17,
  faults: 19,
};
const restore = { files: 23, bytes: 29, pages: 31 };
const names = Object.keys(prices) as CostName[];
const free = Object.fromEntries(names.map((name) => [name, 0])) as Costs;

/** How often each price is paid: in a pause, and in a restore. */
const times: Readonly<Record<CostName, readonly [number, number]>> = {
  scan: [2, 0],
  check: [3, 0],
  copy: [5, 31],
  fork: [37, 0],
  write: [7, 0],
  sync: [11, 0],
  flush: [13, 0],
  shootdown: [17, 0],
  fault: [19, 0],
  open: [0, 23],
  read: [0, 29],
  store: [0, 0],
};

test.each(names)("%s is paid once for each", (name) => {
  const costs = { ...free, [name]: 1 };
  expect([pauseSeconds(work, costs), restoreSeconds(restore, costs)]).toEqual(times[name]);
});

test("a program that runs pays for faults and flushes alone", () => {
  expect(disturbanceSeconds(work, { ...free, flush: 1, shootdown: 100, fault: 10_000 })).toBe(13 + 1700 + 190_000);
});

test("every price is above 0, and says what it is for and where it is from", () => {
  expect(Object.keys(usualCosts)).toEqual(names);
  for (const name of names) {
    const { seconds, each, basis, source } = prices[name];
    expect(usualCosts[name]).toBe(seconds);
    expect(seconds).toBeGreaterThan(0);
    expect([each, basis, source]).not.toContain("");
  }
});
