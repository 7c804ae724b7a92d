// Random plans of faults of a store.

import { commonFaults } from "@pagelapse/vfs/faults";
import type { Fault, FaultPlan } from "@pagelapse/vfs/faults";
import fc from "fast-check";

/** As far as a checkpoint of a tiny process gets. */
const lastCall = 24;

/** What may happen on a file system that is no disk: an fsync that loses bytes is left out. */
const effects = [
  ...commonFaults.filter(({ kind }) => kind !== "lost" && kind !== "clean"),
  { kind: "short", byteCount: 1000 },
] as const;

/** Plans of one fault, or two: an errno, with or without the effect, or a short read or write, once or from then on. */
export const faultPlans: fc.Arbitrary<FaultPlan> = fc.array(
  fc.record<Fault>({
    call: fc.integer({ min: 1, max: lastCall }),
    repeat: fc.constantFrom("once" as const, "from-then-on" as const),
    effect: fc.constantFrom(...effects),
  }),
  { minLength: 1, maxLength: 2, size: "max" },
);
