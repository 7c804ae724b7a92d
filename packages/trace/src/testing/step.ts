// Steps: what can be done in a window of ten pages, said by selectors that the model resolves.

import type { FaultPlan } from "@pagelapse/vfs/faults";
import fc from "fast-check";
import { faultPlans } from "./fault-plans.ts";
import { filePages } from "./model.ts";
import type { OnFork, Origin } from "./model.ts";
import { windowPages } from "./window.ts";

/** Which page is meant: one that is in the named state when there is one, else simply the `nth`; `recent`: the last one named. */
export interface Selector {
  readonly state: "recent" | "mapped" | "written" | "freed" | "readonly" | "backed" | "twin" | "out" | "any";
  readonly nth: number;
}

/** One step. Every step can be taken in every state: what cannot succeed is a call whose failure is compared. */
export type Step = {
  /** Which processor takes it, for the process that it runs. */
  readonly processor: number;
} & (
  | { readonly do: "map"; readonly page: Selector; readonly count: number; readonly prot: number; readonly origin: Origin }
  | { readonly do: "unmap" | "discard" | "free" | "sync" | "guard"; readonly page: Selector; readonly count: number }
  | { readonly do: "advise"; readonly page: Selector; readonly count: number; readonly onFork: OnFork }
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
  | { readonly do: "fork" | "exit" | "write-back" | "clear-soft-dirty" | "map-large" | "checkpoint" }
  /** A checkpoint during which the store fails so, its first call then the first. */
  | { readonly do: "faulty-checkpoint"; readonly faults: FaultPlan }
  /** To the nth process that lives. */
  | { readonly do: "switch"; readonly nth: number }
  | { readonly do: "reclaim" | "migrate" | "collapse" | "split"; readonly page: Selector }
  | { readonly do: "pin"; readonly page: Selector; readonly name: string }
  | { readonly do: "unpin"; readonly name: string }
  | { readonly do: "device-store"; readonly name: string; readonly offset: number; readonly value: number }
);

/** What histories are made of. */
export interface Ingredients {
  /** PROT_* of mappings and of `protect`; one that comes more often stands there more often. */
  readonly prots: readonly number[];
  readonly origins: readonly Origin["kind"][];
  readonly steps: readonly Step["do"][];
  readonly processors: readonly number[];
  /** How often a phrase stands in the place of a step: a few steps in a row, which do not shrink apart. */
  readonly phrases: number;
}

/** What one process does by itself. */
export const alone: Ingredients = {
  prots: [3, 3, 3, 3, 1, 0, 7, 2],
  origins: ["anonymous", "anonymous", "anonymous", "file", "file", "shared-file", "shared-anonymous"],
  steps: ["map", "unmap", "discard", "protect", "move", "store", "kernel-store", "load", "checkpoint"],
  processors: [0],
  phrases: 0,
};

/** Everything there is, but for large pages; nobody clears marks that belong to a tracker. */
export const undisturbed: Ingredients = {
  prots: [3, 3, 3, 3, 3, 1, 0, 7, 2],
  origins: alone.origins,
  steps: [
    ...alone.steps,
    "free",
    "advise",
    "fork",
    "exit",
    "switch",
    "reclaim",
    "migrate",
    "sync",
    "write-back",
    "pin",
    "unpin",
    "device-store",
  ],
  processors: [0, 0, 1],
  phrases: 25,
};

/** That, and somebody else does clear soft-dirty bits and protect pages against writes. */
export const everything: Ingredients = { ...undisturbed, steps: [...undisturbed.steps, "clear-soft-dirty", "guard"] };

/** What a strategy under test lives through: everything undisturbed, and a store that fails now and then. */
export const whole: Ingredients = { ...undisturbed, steps: [...undisturbed.steps, "faulty-checkpoint"] };

/** Private memory in large pages, and what splits them. */
export const large: Ingredients = {
  ...everything,
  origins: ["anonymous"],
  steps: [...everything.steps, "map-large", "collapse", "split"],
};

const selector: fc.Arbitrary<Selector> = fc.record({
  state: fc.constantFrom("recent", "recent", "recent", "mapped", "written", "freed", "readonly", "backed", "twin", "out", "any"),
  nth: fc.nat(windowPages - 1),
});
const count = fc.integer({ min: 1, max: 3 });
const name = fc.constantFrom("P", "Q");
/** How often each comes. */
export const weights: Readonly<Record<Step["do"], number>> = {
  map: 8,
  unmap: 2,
  discard: 2,
  protect: 3,
  move: 2,
  store: 14,
  "kernel-store": 3,
  load: 5,
  checkpoint: 6,
  "faulty-checkpoint": 4,
  free: 2,
  advise: 1,
  fork: 3,
  exit: 1,
  switch: 4,
  reclaim: 6,
  migrate: 2,
  sync: 1,
  "write-back": 1,
  pin: 2,
  unpin: 1,
  "device-store": 3,
  "clear-soft-dirty": 1,
  guard: 1,
  "map-large": 3,
  collapse: 20,
  split: 3,
};

/** A step without its processor. */
export type Deed = Step extends infer Each ? (Each extends Step ? Omit<Each, "processor"> : never) : never;

export function deedOf(kind: Step["do"], { prots, origins }: Ingredients): fc.Arbitrary<Deed> {
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
    case "free":
    case "sync":
    case "guard":
      return fc.record({ do: fc.constant(kind), page: selector, count });
    case "advise":
      return fc.record({
        do: fc.constant(kind),
        page: selector,
        count,
        onFork: fc.constantFrom("nothing" as const, "zeros" as const),
      });
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
    case "fork":
    case "exit":
    case "write-back":
    case "clear-soft-dirty":
    case "map-large":
    case "checkpoint":
      return fc.constant({ do: kind });
    case "faulty-checkpoint":
      return fc.record({ do: fc.constant(kind), faults: faultPlans });
    case "switch":
      return fc.record({ do: fc.constant(kind), nth: fc.nat(2) });
    case "reclaim":
    case "migrate":
    case "collapse":
    case "split":
      return fc.record({ do: fc.constant(kind), page: selector });
    case "pin":
      return fc.record({ do: fc.constant(kind), page: selector, name });
    case "unpin":
      return fc.record({ do: fc.constant(kind), name });
    case "device-store":
      return fc.record({ do: fc.constant(kind), name, offset: fc.constantFrom(0, 8, 4000), value: fc.nat(3) });
  }
}
