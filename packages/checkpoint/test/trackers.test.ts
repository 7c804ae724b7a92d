import { strategyNamed, trackingStrategy } from "@pagelapse/checkpoint";
import type { Strategy, Tracked } from "@pagelapse/checkpoint";
import { frameFlags, architectures, reservedFrames, x86_64 } from "@pagelapse/mmu";
import type { Architecture, PhysicalMemory } from "@pagelapse/mmu";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { histories, parse, withoutTrouble, worldAfter } from "./history.ts";
import type { Step } from "./history.ts";
import { present } from "./present.ts";
import { run } from "./run.ts";
import type { Mutant } from "./run.ts";
import { withParts } from "./with-parts.ts";

const trackers = ["soft-dirty", "write-protect", "dirty-log", "content-hash", "sub-page", "forked"].map((name) =>
  present(strategyNamed(name)),
);

/** The architectures whose entries have what a strategy needs. */
function homesOf({ name }: Strategy): readonly Architecture[] {
  const needsBits = name === "soft-dirty" || name === "write-protect";
  return architectures.filter(({ bits }) => !needsBits || (bits.softDirty !== 0 && bits.uffdWp !== 0));
}

describe.each(trackers.map((strategy) => [strategy.name, strategy] as const))("%s", (_, strategy) => {
  test("each checkpoint of a chain restores memory at its moment, whatever fails on the way", () => {
    const met = new Map<string, number>();
    fc.assert(
      fc.property(fc.constantFrom(...homesOf(strategy)), histories, (architecture, steps) => {
        const states = new Set<string>();
        for (const { result } of run(architecture, strategy, steps, states))
          if (result.kind === "committed" && result.pagesSaved < result.presentPages) states.add("left pages to the parent");
        for (const state of states) met.set(state, (met.get(state) ?? 0) + 1);
      }),
      { numRuns: 80 },
    );
    for (const state of ["committed", "failed", "indeterminate", "left pages to the parent"])
      expect(met.get(state) ?? 0, state).toBeGreaterThan(2);
  });

  test("its increments add up to the pages of the full images of dirty-bit", () => {
    const full: Strategy = { ...dirtyBit, start: () => ({ take: (tracked) => dirtyBit.start().take(tracked) }) };
    fc.assert(
      fc.property(histories.map(withoutTrouble), (steps) => {
        const [increments, images] = [strategy, full].map((each) => run(x86_64, each, steps, new Set()));
        expect(increments.map(({ image }) => image.pages)).toEqual(images.map(({ image }) => image.pages));
      }),
      { numRuns: 15 },
    );
  });

  test("an increment holds what was stored to, and after a failure still does", () => {
    expect(
      savedBy(
        strategy,
        `map 0 3 rw- anonymous | store 0 1 | store 1 1 | store 2 1 | checkpoint | checkpoint | store 1 2
      checkpoint no space | checkpoint file sync | store 2 2 | checkpoint | checkpoint`,
      ),
    ).toEqual([3, 0, 2, 0]);
  });
});

const dirtyBit = present(strategyNamed("dirty-bit"));

/** Pages in each committed image; steps stand between bars. */
function savedBy(strategy: Strategy, steps: string): readonly number[] {
  return run(x86_64, strategy, parse(steps.replaceAll("|", "\n")), new Set()).map(({ result }) =>
    result.kind === "committed" ? result.pagesSaved : -1,
  );
}

test.each<readonly [string, string, string, readonly number[]]>([
  ["soft-dirty", "keeps what it knows while a page is swapped", "swap 0", [1, 0]],
  ["write-protect", "keeps what it knows while a page is swapped", "swap 0", [1, 0]],
  ["content-hash", "finds the same bytes in another frame", "swap 0", [1, 0]],
  ["dirty-log", "does not know a page in another frame again", "swap 0", [1, 1]],
  ["soft-dirty", "hears that a page moved", "move 0 to 3", [1, 1]],
  ["write-protect", "hears that a page moved", "move 0 to 3", [1, 1]],
  ["soft-dirty", "takes the same byte stored again for a change", "store 0 1", [1, 1]],
  ["content-hash", "sees that the same byte was stored again", "store 0 1", [1, 0]],
])("%s %s", (name, _, between, saved) => {
  const history = `map 0 1 rw- anonymous | store 0 1 | checkpoint | ${between} | checkpoint`;
  expect(savedBy(present(strategyNamed(name)), history)).toEqual(saved);
});

test("a log that overflowed makes every page dirty", () => {
  const world = worldAfter("map 0 3 rw- anonymous\nstore 0 1\nstore 1 1\nstore 2 1");
  const checkpointer = present(strategyNamed("dirty-log")).start();
  checkpointer.take(world);
  expect(checkpointer.take(world)).toMatchObject({ kind: "committed", pagesSaved: 0 });
  world.startDirtyLog(1);
  world.storeByte(0x3f_d000, 2);
  world.storeByte(0x3f_e000, 2);
  expect(checkpointer.take(world)).toMatchObject({ kind: "committed", pagesSaved: 3 });
  expect(checkpointer.take(world)).toMatchObject({ kind: "committed", pagesSaved: 0 });
});

test("a page that a device stored to is saved, though no entry and no log heard of it", () => {
  for (const strategy of trackers) {
    const world = worldAfter("map 0 1 rw- anonymous\nstore 0 1");
    const checkpointer = strategy.start();
    checkpointer.take(world);
    world.storeOfDevice(0x3f_d000, 7);
    expect(checkpointer.take(world), strategy.name).toMatchObject({ kind: "committed", pagesSaved: 1 });
    expect(checkpointer.take(world), strategy.name).toMatchObject({ kind: "committed", pagesSaved: 0 });
  }
});

test.each(architectures.filter(({ bits }) => bits.softDirty === 0))(
  "$name has no bits to track with, and says so",
  (architecture) => {
    const steps = parse("map 0 1 rw- anonymous\nstore 0 1\ncheckpoint");
    for (const strategy of ["soft-dirty", "write-protect"]) {
      const reasons: string[] = [];
      const told: Mutant = {
        tracked: (world) => withParts<Tracked>(world, { failed: ({ reason }) => void reasons.push(reason) }),
      };
      expect(run(architecture, present(strategyNamed(strategy)), steps, new Set(), told)).toEqual([]);
      expect(reasons).toEqual([expect.stringMatching(`^entries of ${architecture.name} have no `)]);
    }
  },
);

/** A tracker that does not see the marks of frames. */
const blindToMarks: Mutant = {
  tracked(world) {
    const { memory } = world;
    const isFlags = (paddr: number): boolean =>
      paddr >= 16 && paddr < reservedFrames(memory.frameCount) * 4096 && (paddr & 15) === 4;
    const shown: PhysicalMemory = {
      frameCount: memory.frameCount,
      read: (paddr, target) => memory.read(paddr, target),
      readWord: (paddr) => memory.readWord(paddr) & (isFlags(paddr) ? ~frameFlags.pending : -1),
    };
    return withParts<Tracked>(world, { memory: shown });
  },
};

/** A shared page is mapped twice; who stored to it has unmapped it since. */
const storedElsewhere = `map 0 1 rw- shared file | map 1 1 rw- shared file | store 0 1 | load 1 | checkpoint
  store 0 2 | unmap 0 1 | checkpoint`;

test.each<readonly [string, string, string, Mutant]>([
  ["soft-dirty", "marks not looked at", storedElsewhere, blindToMarks],
  ["write-protect", "marks not looked at", storedElsewhere, blindToMarks],
  ["dirty-log", "marks not looked at", storedElsewhere, blindToMarks],
  [
    "soft-dirty",
    "bits cleared before they were looked at",
    "map 0 1 rw- anonymous | store 0 1 | checkpoint | store 0 2 | checkpoint",
    { tracked: (world) => withParts<Tracked>(world, { begun: () => world.clearSoftDirty() }) },
  ],
  [
    "write-protect",
    "pages protected before they were looked at",
    "map 0 1 rw- anonymous | store 0 1 | checkpoint | store 0 2 | checkpoint",
    { tracked: (world) => withParts<Tracked>(world, { begun: () => world.protectWrites(0, x86_64.taskSize) }) },
  ],
  [
    "dirty-log",
    "an overflow that nobody looks at",
    "map 0 2 rw- anonymous | store 0 1 | store 1 1 | checkpoint | store 0 2 | store 1 2 | checkpoint",
    {
      tracked: (world) =>
        withParts<Tracked>(world, {
          startDirtyLog: () => world.startDirtyLog(1),
          takeDirtyLog() {
            const taken = world.takeDirtyLog();
            return taken === undefined ? undefined : { ...taken, overflow: 0 };
          },
        }),
    },
  ],
])("%s with %s is found out", (name, _, history, mutant) => {
  const strategy = present(strategyNamed(name));
  const steps = parse(history.replaceAll("|", "\n"));
  run(x86_64, strategy, steps, new Set());
  expect(() => run(x86_64, strategy, steps, new Set(), mutant)).toThrow(/page|"first"/);
});

test("a tracker of a user's own that believes pages unchanged is found out", () => {
  const trusting = trackingStrategy({
    name: "trusting",
    claim: "flawed",
    summary: "believes every second page unchanged",
    track: () => ({
      look: () => {
        let count = 0;
        return () => (count++ % 2 === 0 ? "changed" : "unchanged");
      },
      clear: () => undefined,
    }),
  });
  const found = fc.check(
    fc.property(histories, (steps: Step[]) => void run(x86_64, trusting, steps, new Set())),
    { numRuns: 200, seed: 3, endOnFailure: true },
  );
  expect(found.failed).toBe(true);
});
