import { strategyNamed } from "@pagelapse/checkpoint";
import type { Strategy, Tracked } from "@pagelapse/checkpoint";
import { decodeManifest } from "../src/image/manifest.ts";
import { pageMapsOf } from "../src/image/page-maps.ts";
import type { PageRun } from "../src/image/page-run.ts";
import { frameFlags, architectures, reservedFrames, x86_64 } from "@pagelapse/mmu";
import type { Architecture, PhysicalMemory } from "@pagelapse/mmu";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { histories, parse, withoutTrouble, worldAfter } from "./history.ts";
import type { Step } from "./history.ts";
import { run } from "./run.ts";
import type { Mutant } from "./run.ts";
import { present } from "./present.ts";
import { withParts } from "./with-parts.ts";
import type { World } from "./world.ts";

const dirtyBit = present(strategyNamed("dirty-bit"));
/** Every checkpoint full: a checkpointer that starts anew each time knows no parent. */
const always: Strategy = { ...dirtyBit, start: () => ({ take: (tracked) => dirtyBit.start().take(tracked) }) };

describe.each(architectures.map((architecture) => [architecture.name, architecture] as const))("%s", (_, architecture) => {
  test("each checkpoint of a chain restores the memory, the areas and the protections of its moment", () => {
    const met = new Map<string, number>();
    fc.assert(
      fc.property(histories, (steps) => {
        const states = new Set<string>();
        for (const { files } of run(architecture, dirtyBit, steps, states))
          for (const { kind } of runsIn(files)) states.add(kind);
        for (const state of states) met.set(state, (met.get(state) ?? 0) + 1);
      }),
      { numRuns: 80 },
    );
    for (const state of ["committed", "failed", "indeterminate", "DATA", "PARENT", "written page", "untouched page"]) {
      expect(met.get(state) ?? 0, state).toBeGreaterThan(3);
    }
    expect(met.get("ZERO")).toBeGreaterThan(1);
  });

  test("a chain of increments and full checkpoints give the same pages", () => {
    fc.assert(
      fc.property(histories.map(withoutTrouble), (steps) => {
        const chain = run(architecture, dirtyBit, steps, new Set());
        const full = run(architecture, { ...always, rebuild: () => afresh(architecture) }, steps, new Set());
        expect(chain.map(({ image }) => image)).toEqual(full.map(({ image }) => image));
        chain.forEach(({ result }, index) => {
          const [told, real] = [result, full[index].result].map((each) => (each.kind === "committed" ? each : undefined));
          // The names of parents and the maps of pages differ a little.
          expect(Math.abs((told?.fullBytes ?? 0) - (real?.byteCount ?? 0))).toBeLessThan(1000);
        });
      }),
      { numRuns: 25 },
    );
  });
});

/** The runs of all maps, as a manifest and CRIU's maps say them together. */
function runsIn(files: ReadonlyMap<string, Uint8Array>): readonly PageRun[] {
  const { image } = decodeManifest("manifest.json", present(files.get("manifest.json")));
  return pageMapsOf(image).flatMap(({ runs }) => runs);
}

/** Reads each image for itself. */
function afresh(architecture: Architecture): ReturnType<Strategy["rebuild"]> {
  let rebuild = dirtyBit.rebuild(architecture);
  return {
    add(store, path) {
      rebuild = dirtyBit.rebuild(architecture);
      return rebuild.add(store, path);
    },
    get tree() {
      return rebuild.tree;
    },
    get image() {
      return rebuild.image;
    },
  };
}

test("the same history gives the same bytes", () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const [once, again] = [0, 1].map(() => run(x86_64, dirtyBit, steps, new Set()).map(({ files }) => files));
      expect(again).toEqual(once);
    }),
    { numRuns: 30 },
  );
});

test("an increment after nothing holds no page, and only what was stored to otherwise", () => {
  const steps = parse(`
    map 0 4 rw- anonymous
    store 0 1
    store 1 1
    store 2 1
    checkpoint
    checkpoint
    store 1 2
    checkpoint`);
  const saved = run(x86_64, dirtyBit, steps, new Set()).map(
    ({ result }) => "pagesSaved" in result && [result.pagesSaved, result.presentPages],
  );
  expect(saved).toEqual([
    [3, 3],
    [0, 3],
    [1, 3],
  ]);
});

test("a page stored to before a failed checkpoint is in the next one", () => {
  for (const trouble of ["no space", "one block", "file sync", "directory sync"]) {
    const steps = parse(`
      map 0 1 rw- anonymous
      store 0 1
      checkpoint
      store 0 2
      checkpoint ${trouble}
      checkpoint`);
    const taken = run(x86_64, dirtyBit, steps, new Set());
    expect(taken.map(({ result }) => "pagesSaved" in result && result.pagesSaved)).toEqual([1, 1]);
    expect(taken[1].result.path, "a failed name is never used again").toBe("image-3");
  }
});

test("no image is ever written over, whoever wrote it", () => {
  const world = worldAfter("map 0 1 rw- anonymous\nstore 0 1");
  const [one, other] = [dirtyBit.start(), dirtyBit.start()];
  const paths = [one, one, other, one, other].map((checkpointer) => checkpointer.take(world).path);
  expect(paths).toEqual(["image-1", "image-2", "image-3", "image-4", "image-5"]);
});

/** Shows another memory in place of the real one, the same object every time. */
function seeing(alter: (paddr: number, word: number, memory: PhysicalMemory) => number): (world: World) => Tracked {
  return (world) => {
    const memory: PhysicalMemory = {
      frameCount: world.memory.frameCount,
      readWord: (paddr) => alter(paddr, world.memory.readWord(paddr), world.memory),
      read: (paddr, target) => world.memory.read(paddr, target),
    };
    return withParts<Tracked>(world, { memory });
  };
}

/** A field of the records of the frame table. */
function isField(paddr: number, memory: PhysicalMemory, field: number): boolean {
  return paddr < reservedFrames(memory.frameCount) * 4096 && paddr >= 16 && (paddr & 15) === field;
}

test.each<readonly [string, Mutant]>([
  ["a tracker that does not flush after taking D", { tracked: (world) => withParts<Tracked>(world, { flush: () => undefined }) }],
  [
    "a tracker that clears D and hands it to nobody",
    { tracked: (world) => withParts<Tracked>(world, { takeDirty: (vaddr, paddr) => world.testAndClearDirty(vaddr, paddr) }) },
  ],
  [
    "a tracker that drops its marks when it copies, not when the file is durable",
    {
      tracked: (world) =>
        withParts<Tracked>(world, {
          saved: (_, paddr) => world.dropPending(paddr / 4096),
        }),
    },
  ],
  [
    "a parent compared by frame, not by allocation",
    { tracked: seeing((paddr, word, memory) => (isField(paddr, memory, 8) ? 1 : word)) },
  ],
  [
    "a tracker that does not see the marks of the frames",
    { tracked: seeing((paddr, word, memory) => (isField(paddr, memory, 4) ? word & ~frameFlags.pending : word)) },
  ],
  [
    "a tracker that takes every page of the page cache for the file's",
    {
      tracked: seeing((paddr, word, memory) =>
        isField(paddr, memory, 4) && (word & frameFlags.cache) !== 0 ? frameFlags.cache : word,
      ),
    },
  ],
])("%s is found out", (_, mutant) => {
  const found = fc.check(
    fc.property(histories, (steps: Step[]) => void run(x86_64, dirtyBit, steps, new Set(), mutant)),
    { numRuns: 300, seed: 11, endOnFailure: true },
  );
  expect(found.failed).toBe(true);
});
