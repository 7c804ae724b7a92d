// Quantities, cells of the table: each in at most eight characters.

import { expect, test } from "vitest";
import { formatBytes, formatCount, formatNumberOf, formatSeconds, formatShare, formatShortCount } from "../src/quantity.ts";

test("every third digit is set apart", () => {
  expect([0, 999, 1000, 1_234_567].map(formatCount)).toEqual(["0", "999", "1,000", "1,234,567"]);
});

test("bytes take the largest unit that leaves three digits", () => {
  expect([0, 999, 1000, 999_949, 999_950, 5.1e6, 2 ** 47].map(formatBytes)).toEqual([
    "0 bytes",
    "999 bytes",
    "1.0 kB",
    "999.9 kB",
    "1.0 MB",
    "5.1 MB",
    "140.7 TB",
  ]);
});

test("a part of nothing is a dash", () => {
  expect([formatShare(0, 0), formatShare(0, 8), formatShare(1, 3), formatShare(8, 8)]).toEqual([
    "-",
    "0.0 %",
    "33.3 %",
    "100.0 %",
  ]);
});

test("seconds have three digits", () => {
  expect([0, 0.214, 9.994, 9.995, 99.94, 99.95, 1234].map(formatSeconds)).toEqual([
    "0.00 s",
    "0.21 s",
    "9.99 s",
    "10.0 s",
    "99.9 s",
    "100 s",
    "1234 s",
  ]);
});

test("counts from a million on are shortened", () => {
  expect([999_999, 1e6, 99.94e6, 99.95e6, 999e6, 1e9].map(formatShortCount)).toEqual([
    "999,999",
    "1.00 M",
    "99.94 M",
    "100 M",
    "999 M",
    "1.00 G",
  ]);
});

test("one thing is not many", () => {
  expect([formatNumberOf(1, "page"), formatNumberOf(0, "page"), formatNumberOf(2000, "page")]).toEqual([
    "1 page",
    "0 pages",
    "2,000 pages",
  ]);
});
