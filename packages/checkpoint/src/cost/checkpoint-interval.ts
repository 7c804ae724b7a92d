// How often to take checkpoints: the interval that loses least time where failures come by chance.

/*
 * A program works for `interval` seconds, takes a checkpoint in `cost` seconds, and so on. Failures come at any moment alike,
 * one in `mtbf` seconds on average (a Poisson process); after each the program needs `restart` seconds, and begins the interval
 * anew. A short interval pays for checkpoints, a long one for work that is done twice.
 */

/** J. W. Young, "A first order approximation to the optimum checkpoint interval" (CACM 17, 1974): seconds of work. */
export function youngInterval(cost: number, mtbf: number): number {
  return Math.sqrt(2 * cost * mtbf);
}

/**
 * J. T. Daly, "A higher order estimate of the optimum checkpoint interval" (FGCS 22, 2006): seconds of work, the checkpoint not
 * counted among them. The series is for a `cost` well below `mtbf`; from twice `mtbf` on it is `mtbf` itself.
 */
export function dalyInterval(cost: number, mtbf: number): number {
  if (cost >= 2 * mtbf) return mtbf;
  const part = cost / (2 * mtbf);
  return youngInterval(cost, mtbf) * (1 + Math.sqrt(part) / 3 + part / 9) - cost;
}

/** Seconds, all of them. */
export interface FailingRun {
  /** Of work between two checkpoints. */
  readonly interval: number;
  /** What a checkpoint takes. */
  readonly cost: number;
  /** What it takes to begin again after a failure; it may fail, too. */
  readonly restart: number;
  /** Mean time between two failures. */
  readonly mtbf: number;
}

/** Seconds that a second of work is expected to take, 1 at least: Daly's complete model, without any approximation. */
export function expectedSlowdown({ interval, cost, restart, mtbf }: FailingRun): number {
  return (mtbf * Math.exp(restart / mtbf) * Math.expm1((interval + cost) / mtbf)) / interval;
}
