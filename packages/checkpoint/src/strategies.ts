// Every strategy there is, and each by its name.

import { dirtyBit } from "./dirty-bit/dirty-bit.ts";
import { reportAsPrinted, reportBasic, reportIncremental } from "./report/strategies.ts";
import type { Strategy } from "./strategy.ts";

/** The right one first. */
export const strategies: readonly Strategy[] = [dirtyBit, reportBasic, reportIncremental, reportAsPrinted];

/** The strategy of that name, or `undefined`. */
export function strategyNamed(name: string): Strategy | undefined {
  return strategies.find((strategy) => strategy.name === name);
}
