// A strategy put to the proof.

import type { Strategy } from "@pagelapse/checkpoint";
import { hunt } from "./hunt.ts";
import type { Counterexample, Held, HuntOptions } from "./hunt.ts";

/**
 * Plays random histories on the whole machine with the strategy, its store failing now and then, and judges every checkpoint, and
 * the program itself, by a model that shares no code with any strategy. The same options give the same result.
 */
export function checkStrategy(strategy: Strategy, options: HuntOptions = {}): Held | Counterexample {
  const steps = hunt(strategy, options);
  for (let next = steps.next(); ; next = steps.next()) if (next.done === true) return next.value;
}
