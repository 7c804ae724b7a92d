// How long a law is tried, and on what histories.

import { strategyNamed } from "@pagelapse/checkpoint";
import type { Strategy } from "@pagelapse/checkpoint";
import type { Architecture } from "@pagelapse/mmu";
import fc from "fast-check";
import { everything, histories, undisturbed } from "@pagelapse/trace/testing";
import type { Ingredients, Step } from "@pagelapse/trace/testing";

/** How long a law is tried, and on what. */
export interface Trial {
  readonly architecture: Architecture;
  readonly numRuns: number;
  /** Which takes the checkpoints: `dirty-bit` unless said otherwise. */
  readonly strategy?: string;
  /** Left out: another one each time, which a failure names. */
  readonly seed?: number;
  /** Whether a failure is made as small as can be: `smallest` unless said otherwise. */
  readonly failure?: "first" | "smallest";
  /** Is told how many histories met each state, by the law of chains. */
  readonly met?: Map<string, number>;
}

/** Holds a law over histories; returns how many they were. */
export function forHistories(
  { numRuns, seed, failure }: Trial,
  of: Ingredients,
  law: (history: readonly Step[]) => void,
): number {
  let count = 0;
  const counted = fc.property(histories(of), (history) => {
    law(history);
    count++;
  });
  fc.assert(counted, { numRuns, endOnFailure: failure === "first", ...(seed === undefined ? {} : { seed }) });
  return count;
}

/** Throws when no strategy has that name. */
export function strategyOf({ strategy = "dirty-bit" }: Pick<Trial, "strategy">): Strategy {
  const named = strategyNamed(strategy);
  if (named === undefined) throw new Error(`no strategy ${strategy}`);
  return named;
}

/** What a strategy can live with: a bit that others clear, or a mark that they set, is not its own. */
export function ingredientsFor(strategy: string): Ingredients {
  return /^(soft-dirty|write-protect)/.test(strategy) ? undisturbed : everything;
}
