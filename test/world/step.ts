// Steps of a random history: what can be done in a window of ten pages, said by selectors that the model resolves.

import fc from "fast-check";
import { filePages } from "./model.ts";
import type { Origin } from "./model.ts";

/** Pages of the window. */
export const windowPages = 10;

/** Which page is meant: one that is in the named state when there is one, else simply the `nth`; `recent`: the last one named. */
export interface Selector {
  readonly state: "recent" | "mapped" | "written" | "freed" | "readonly" | "backed" | "any";
  readonly nth: number;
}

/** One step. Every step can be taken in every state: what cannot succeed is a call whose failure is compared. */
export type Step =
  | { readonly do: "map"; readonly page: Selector; readonly count: number; readonly prot: number; readonly origin: Origin }
  | { readonly do: "unmap" | "discard"; readonly page: Selector; readonly count: number }
  | { readonly do: "protect"; readonly page: Selector; readonly count: number; readonly prot: number }
  | { readonly do: "move"; readonly page: Selector; readonly count: number; readonly to: Selector }
  | {
      readonly do: "store" | "kernel-store";
      readonly page: Selector;
      readonly offset: number;
      readonly value: number;
      readonly size: number;
    }
  | { readonly do: "load"; readonly page: Selector; readonly offset: number }
  | { readonly do: "checkpoint" };

/** What histories are made of. */
export interface Ingredients {
  /** PROT_* of mappings and of `protect`; one that comes more often stands there more often. */
  readonly prots: readonly number[];
  readonly origins: readonly Origin["kind"][];
  readonly steps: readonly Step["do"][];
}

/** Everything there is. */
export const everything: Ingredients = {
  prots: [3, 3, 3, 3, 1, 0, 7, 2],
  origins: ["anonymous", "anonymous", "anonymous", "file", "file", "shared-file", "shared-anonymous"],
  steps: ["map", "unmap", "discard", "protect", "move", "store", "kernel-store", "load", "checkpoint"],
};

const selector: fc.Arbitrary<Selector> = fc.record({
  state: fc.constantFrom("recent", "recent", "recent", "mapped", "mapped", "written", "freed", "readonly", "backed", "any"),
  nth: fc.nat(windowPages - 1),
});
const count = fc.integer({ min: 1, max: 3 });
const weights: Readonly<Record<Step["do"], number>> = {
  map: 6,
  unmap: 2,
  discard: 2,
  protect: 3,
  move: 2,
  store: 10,
  "kernel-store": 3,
  load: 5,
  checkpoint: 5,
};

function stepOf(kind: Step["do"], { prots, origins }: Ingredients): fc.Arbitrary<Step> {
  const prot = fc.constantFrom(...prots);
  switch (kind) {
    case "map": {
      const origin = fc
        .record({ kind: fc.constantFrom(...origins), index: fc.nat(filePages - 1) })
        .map(({ kind: from, index }): Origin =>
          from === "file" || from === "shared-file" ? { kind: from, index } : { kind: from },
        );
      return fc.record({ do: fc.constant(kind), page: selector, count, prot, origin });
    }
    case "unmap":
    case "discard":
      return fc.record({ do: fc.constant(kind), page: selector, count });
    case "protect":
      return fc.record({ do: fc.constant(kind), page: selector, count, prot });
    case "move":
      return fc.record({ do: fc.constant(kind), page: selector, count, to: selector });
    case "store":
    case "kernel-store": {
      const offset = fc.constantFrom(0, 0, 8, 4088, 4092);
      return fc.record({ do: fc.constant(kind), page: selector, offset, value: fc.nat(3), size: fc.constantFrom(8, 8, 1, 4, 2) });
    }
    case "load":
      return fc.record({ do: fc.constant(kind), page: selector, offset: fc.constantFrom(0, 4092) });
    case "checkpoint":
      return fc.constant({ do: kind });
  }
}

/** Histories of a few dozen steps. */
export function histories(of: Ingredients): fc.Arbitrary<Step[]> {
  const steps = of.steps.map((kind) => ({ weight: weights[kind], arbitrary: stepOf(kind, of) }));
  return fc.array(fc.oneof(...steps), { minLength: 1, maxLength: 60, size: "max" });
}
