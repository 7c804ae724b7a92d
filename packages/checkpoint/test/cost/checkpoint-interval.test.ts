// Young's and Daly's intervals beside the interval that a brute-force search finds.

import { dalyInterval, expectedSlowdown, youngInterval } from "@pagelapse/checkpoint/cost";
import { describe, expect, test } from "vitest";

/** Worked values in seconds: cost, mean time between failures, Young, Daly, and the first-order share of time lost. */
const worked: readonly (readonly [number, number, number, number, number])[] = [
  [0.1, 3600, 26.833, 26.766, 0.00745],
  [1, 3600, 84.853, 84.187, 0.02357],
  [5, 86_400, 929.516, 926.186, 0.01076],
  [60, 86_400, 3219.938, 3180.062, 0.03727],
  [300, 86_400, 7200, 7001.389, 0.08333],
  [600, 3600, 2078.461, 1697.706, 0.577],
];

describe.each(worked)("a checkpoint of %d s, a failure in %d s", (cost, mtbf, young, daly, lost) => {
  test("has the interval of the worked table", () => {
    expect(youngInterval(cost, mtbf)).toBeCloseTo(young, 3);
    expect(dalyInterval(cost, mtbf)).toBeCloseTo(daly, 3);
  });

  test("Daly's interval is the one that a search finds, or as good as it", () => {
    const best = bestInterval(cost, mtbf);
    const nearness = cost < mtbf / 100 ? 0.001 : 0.02;
    expect(Math.abs(dalyInterval(cost, mtbf) / best - 1)).toBeLessThan(nearness);
    expect(secondsFor(dalyInterval(cost, mtbf), cost, mtbf) / secondsFor(best, cost, mtbf) - 1).toBeLessThan(1e-4);
  });

  test("loses what a first approximation says, where that is in range", () => {
    const slowdown = expectedSlowdown({ interval: young, cost, restart: 0, mtbf });
    if (lost < 0.1) expect(Math.abs(slowdown - 1 - lost) / lost).toBeLessThan(lost);
    else expect(slowdown - 1).toBeGreaterThan(lost);
  });
});

test("the search finds out a coefficient that is wrong", () => {
  const wrong: readonly ((cost: number, mtbf: number) => number)[] = [
    (cost, mtbf) => dalyInterval(cost, mtbf) + cost, // the checkpoint counted as work
    (cost, mtbf) => dalyInterval(cost, mtbf) + 2 * cost, // its sign turned round
    (cost, mtbf) => youngInterval(cost, mtbf), // no term but the first
  ];
  for (const formula of wrong) expect(Math.abs(formula(60, 86_400) / bestInterval(60, 86_400) - 1)).toBeGreaterThan(0.005);
});

test("where a checkpoint takes longer than two failures are apart, the interval is one failure long", () => {
  expect([dalyInterval(200, 100), dalyInterval(1000, 100)]).toEqual([100, 100]);
  expect(dalyInterval(199.9, 100)).toBeGreaterThan(0);
});

test.each([0, 1, 60, 500])(
  "the expected time is that of a run worked out failure by failure, a restart taking %d s",
  (restart) => {
    for (const mtbf of [100, 3600]) {
      for (const interval of [1, 30, 400]) {
        for (const cost of [0, 2, 50]) {
          const exact = secondsBetweenFailures(interval + cost, restart, mtbf) / interval;
          expect(expectedSlowdown({ interval, cost, restart, mtbf }) / exact).toBeCloseTo(1, 6);
        }
      }
    }
  },
);

/** The interval in which a second of work takes least, by a search over a fine grid. */
function bestInterval(cost: number, mtbf: number): number {
  let best = youngInterval(cost, mtbf);
  for (let step = 0.1; step > 1e-5; step /= 10) {
    const from = best;
    for (let k = -20; k <= 20; k++) {
      const interval = from * (1 + k * step * 0.05);
      if (secondsFor(interval, cost, mtbf) < secondsFor(best, cost, mtbf)) best = interval;
    }
    // A coarse step may end at the border of its grid.
    if (Math.abs(best / from - 1) > step * 0.95) step *= 10;
  }
  return best;
}

/** What a second of work takes, by no formula of the product. */
function secondsFor(interval: number, cost: number, mtbf: number): number {
  return secondsBetweenFailures(interval + cost, 0, mtbf) / interval;
}

/**
 * Time until `length` seconds have passed without a failure, from first principles: the first failure comes at t with the density
 * exp(-t/mtbf)/mtbf; if it comes before `length`, a restart follows, which is such a run itself, and all begins anew.
 */
function secondsBetweenFailures(length: number, restart: number, mtbf: number): number {
  const survives = Math.exp(-length / mtbf);
  const untilFailure = integrate((t) => (t * Math.exp(-t / mtbf)) / mtbf, length);
  const restarting = restart === 0 ? 0 : secondsBetweenFailures(restart, 0, mtbf);
  return (untilFailure + (1 - survives) * restarting + survives * length) / survives;
}

/** From 0 to an end, by Simpson's rule. */
function integrate(f: (t: number) => number, end: number): number {
  const steps = 400;
  let sum = 0;
  for (let k = 0; k <= steps; k++) sum += f((end * k) / steps) * (k === 0 || k === steps ? 1 : k % 2 === 1 ? 4 : 2);
  return (sum * end) / steps / 3;
}
