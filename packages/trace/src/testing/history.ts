// Random histories: steps of every kind, and phrases, a few steps in a row that lead to where things go wrong.

import fc from "fast-check";
import type { Origin } from "./model.ts";
import { deedOf, weights } from "./step.ts";
import type { Deed, Ingredients, Selector, Step } from "./step.ts";

const recent: Selector = { state: "recent", nth: 0 };

function store(page: Selector, value: number): Deed {
  return { do: "store", page, offset: 0, value, size: 8 };
}

function mapFile(page: Selector, index: number): Deed {
  return { do: "map", page, count: 1, prot: 3, origin: { kind: "shared-file", index } };
}

const noSpace = { kind: "refused", errno: "ENOSPC" } as const;

/** What each is made of; where the last step takes one of several kinds, each is a phrase of its own. */
function phrasesAt(page: Selector, nth: number): readonly (readonly Deed[])[] {
  const back: readonly Deed[] = [store(recent, 2), { do: "load", page: recent, offset: 0 }];
  const written = [store(page, 1)];
  const reclaim: Deed = { do: "reclaim", page: recent };
  const free: Deed = { do: "free", page: recent, count: 1 };
  const meet: readonly Deed[] = [{ do: "fork" }, { do: "switch", nth }];
  const full: Deed = { do: "faulty-checkpoint", faults: [{ call: 1, repeat: "from-then-on", effect: noSpace }] };
  const other: Selector = { state: "any", nth };
  const pin: readonly Deed[] = [
    { do: "pin", page, name: "P" },
    { do: "device-store", name: "P", offset: 8, value: 3 },
  ];
  return [
    ...back.map((last) => [...written, reclaim, last]),
    ...back.map((last) => [...written, { do: "checkpoint" } as const, reclaim, last, { do: "checkpoint" } as const]),
    [...written, { do: "checkpoint" }, ...back.toReversed(), { do: "checkpoint" }],
    ...back.map((last) => [...written, free, last, reclaim]),
    [...written, free, reclaim, free],
    [...written, { do: "checkpoint" }, store(recent, 2), free, { do: "checkpoint" }],
    ...back.map((last) => [...written, ...meet, last]),
    [...written, ...meet, reclaim, ...back],
    [...written, reclaim, ...meet, ...back],
    [...written, { do: "sync", page: recent, count: 1 }, ...back],
    [...written, { do: "write-back" }, { do: "checkpoint" }, ...back, { do: "checkpoint" }],
    [...written, { do: "advise", page: recent, count: 1, onFork: "zeros" }, { do: "fork" }],
    [...written, { do: "advise", page: recent, count: 1, onFork: "nothing" }, { do: "fork" }],
    pin,
    [...pin, { do: "protect", page: recent, count: 1, prot: 1 }, { do: "protect", page: recent, count: 1, prot: 3 }, ...pin],
    [...written, { do: "move", page: recent, count: 1, to: { state: "any", nth } }, { do: "checkpoint" }],
    [...written, { do: "checkpoint" }, { do: "unmap", page: recent, count: 1 }, { do: "checkpoint" }],
    [...written, { do: "migrate", page: recent }, ...back],
    [...written, { do: "checkpoint" }, store(recent, 2), full, { do: "checkpoint" }],
    [
      mapFile(page, 0),
      store(recent, 1),
      mapFile(other, 1),
      store(recent, 2),
      { do: "checkpoint" },
      mapFile(page, 1),
      { do: "checkpoint" },
    ],
    [{ do: "map-large" }, store({ state: "any", nth: 4 + (nth & 3) }, 1), { do: "collapse", page: recent }, ...back],
    [
      ...written,
      { do: "collapse", page: recent },
      { do: "checkpoint" },
      store(recent, 2),
      { do: "split", page: recent },
      { do: "checkpoint" },
    ],
  ];
}

/** Histories of a few dozen steps. Phrases with a step that is no ingredient are left out. */
export function histories(of: Ingredients): fc.Arbitrary<Step[]> {
  const deeds = of.steps.map((kind) => ({ weight: weights[kind], arbitrary: deedOf(kind, of).map((deed) => [deed]) }));
  const isOf = (phrase: readonly Deed[]): boolean => phrase.every((deed) => of.steps.includes(deed.do));
  const place = fc.record({
    state: fc.constantFrom<Selector["state"]>("recent", "mapped", "written", "twin", "backed", "out"),
    nth: fc.nat(9),
  });
  const phrase = fc.tuple(place, fc.nat(1023)).map(([page, which]): readonly Deed[] => {
    const phrases = phrasesAt(page, page.nth).filter(isOf);
    return phrases.length === 0 ? [] : phrases[which % phrases.length];
  });
  const part = fc
    .tuple(fc.oneof(...deeds, { weight: of.phrases, arbitrary: phrase }), fc.constantFrom(...of.processors))
    .map(([some, processor]) => some.map((deed): Step => ({ ...deed, processor })));
  const parts = fc.array(part, { minLength: 1, maxLength: 40, size: "max" });
  return fc.tuple(fc.subarray(beginningOf(of)), parts).map(([beginning, rest]) => [...beginning, ...rest.flat()]);
}

/** Two pages of each kind of memory, so that what comes after meets some. */
function beginningOf({ origins, steps }: Ingredients): Step[] {
  const small = [...new Set(origins)].map((kind, index): Step => {
    const page: Selector = { state: "any", nth: index * 2 };
    const origin: Origin = kind === "file" || kind === "shared-file" ? { kind, index: 0 } : { kind };
    return { do: "map", page, count: 2, prot: 3, origin, processor: 0 };
  });
  return steps.includes("map-large") ? [{ do: "map-large", processor: 0 }, ...small] : small;
}
