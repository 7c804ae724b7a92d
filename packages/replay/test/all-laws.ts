// Every law by its name, for showing that each fails where it should.

import { cutLaw, flipLaw } from "./damaged.ts";
import type { Trial } from "./history.ts";
import { momentLaw, tlbLaw } from "./moments.ts";
import { accessLaw, batchLaw, searchLaw } from "./past-events.ts";

export const laws = {
  "moments, often copied": momentLaw({ weight: 20, touch: 0 }),
  "moments, never copied": momentLaw({ weight: Infinity, touch: 0 }),
  states: momentLaw({ weight: 100, touch: 0 }),
  TLBs: tlbLaw,
  batches: batchLaw,
  searches: searchLaw,
  accesses: accessLaw,
  cuts: cutLaw,
  "flipped bits": flipLaw,
} satisfies Record<string, (trial: Trial) => Promise<unknown>>;

export type LawName = keyof typeof laws;
