import { strategyNamed } from "@pagelapse/checkpoint";
import type { Strategy, Tracked } from "@pagelapse/checkpoint";
import { printScenario } from "@pagelapse/trace";
import fc from "fast-check";
import { expect, test } from "vitest";
import { histories } from "./scenario-generator.ts";
import { judged } from "./play.ts";
import { mend } from "./scenario-mended.ts";

const strategies = judged.flatMap((name) => strategyNamed(name) ?? []);
const [dirtyBit] = strategies;

const machines = [
  "machine x86-64 processors 2 tlb 2x1 ram 64 swap 3 kernel 2.6",
  "machine x86-64 processors 2 ram 64 swap 3 kernel 5.10",
  "machine x86-64 processors 2 tlb 0x1 ram 64 swap 3 kernel 6.18",
  "machine i386 processors 2 ram 64 swap 3 kernel 2.6",
  "machine sv39 processors 2 tlb 1x2 ram 64 swap 3 kernel 6.18",
];

test("whatever happens, dirty-bit brings memory back and the program does not feel it; nor does it feel what only reads", () => {
  const met = new Map<string, number>();
  const meet = (what: string): void => void met.set(what, (met.get(what) ?? 0) + 1);
  fc.assert(
    fc.property(fc.constantFrom(...machines), histories, (machine, history) => {
      const { scenario, outcomes } = mend(machine, history, strategies);
      const [dirtyBit, basic, incremental] = outcomes;
      expect([dirtyBit.strategy, dirtyBit.verdict, dirtyBit.found], printScenario(scenario)).toEqual([
        "dirty-bit",
        "met",
        ["holds"],
      ]);
      expect(basic.found.filter((finding) => finding.startsWith("corrupts"))).toEqual([]);
      for (const finding of [...basic.found, ...incremental.found]) meet(finding.split(" ")[0]);
      for (const { statement } of scenario.lines) {
        if (statement === undefined) continue;
        meet(statement.failure === undefined ? statement.verb : `${statement.verb} fails`);
      }
      if (dirtyBit.checkpoints > 1) meet("a chain");
    }),
    { numRuns: 150 },
  );
  const floors = [
    "a chain",
    "loses",
    "resurrects",
    "w",
    "swapout",
    "w fails",
    "fork",
    "switch",
    "dev",
    "free",
    "move",
    "migrate",
    "writeback",
    "holds",
  ];
  for (const what of floors) expect(met.get(what) ?? 0, what).toBeGreaterThan(0);
});

/** `dirty-bit` with a process some of whose parts are other ones. */
function withBug(parts: (tracked: Tracked) => Partial<Tracked>): Strategy {
  return {
    ...dirtyBit,
    start() {
      const checkpointer = dirtyBit.start();
      return { take: (tracked) => checkpointer.take(withParts(tracked, parts(tracked))) };
    },
  };
}

function withParts(whole: Tracked, parts: Partial<Tracked>): Tracked {
  return new Proxy(whole, {
    get(target, name) {
      if (Reflect.has(parts, name)) return Reflect.get(parts, name);
      const part: unknown = Reflect.get(target, name, target);
      return typeof part === "function" ? part.bind(target) : part;
    },
  });
}

test.each<readonly [string, (tracked: Tracked) => Partial<Tracked>]>([
  ["no flush after D was taken", () => ({ flush: () => undefined })],
  ["D taken where nobody keeps it", (tracked) => ({ takeDirty: (vaddr, entry) => void tracked.testAndClearDirty(vaddr, entry) })],
  [
    "marks taken off before the kernel leaves any",
    (tracked) => ({ begun: (detail) => (dropAll(tracked), tracked.begun(detail)) }),
  ],
])("%s is found out", (_, parts) => {
  const found = fc.check(
    fc.property(fc.constantFrom(...machines), histories, (machine, history) => {
      const [outcome] = mend(machine, history, [withBug(parts)]).outcomes;
      expect(outcome.verdict).toBe("met");
    }),
    { numRuns: 300, seed: 21, endOnFailure: true },
  );
  expect(found.failed).toBe(true);
});

function dropAll(tracked: Tracked): void {
  for (let pfn = 1; pfn < 64; pfn++) tracked.dropPending(pfn);
}
