import { stepsOf, strategyNamed } from "@pagelapse/checkpoint";
import type { CheckpointSteps, Strategy } from "@pagelapse/checkpoint";
import { frameBytes, x86_64 } from "@pagelapse/mmu";
import { MemoryFileSystem } from "@pagelapse/vfs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { act, histories, pageAt, parse, windowPages, worldAfter } from "./history.ts";
import type { Step } from "./history.ts";
import { present } from "./present.ts";
import { run } from "./run.ts";
import { World } from "./world.ts";

const dirtyBit = present(strategyNamed("dirty-bit"));
const reportBasic = present(strategyNamed("report-basic"));

/** Every checkpoint taken step by step, with nothing in between. */
function inSteps(strategy: Strategy): Strategy {
  return {
    ...strategy,
    start() {
      const checkpointer = strategy.start();
      return {
        take(tracked) {
          const steps = stepsOf(checkpointer, tracked);
          steps.collect();
          steps.clear();
          tracked.flush();
          steps.copy();
          return steps.commit();
        },
      };
    },
  };
}

test("a checkpoint taken step by step is the checkpoint", () => {
  fc.assert(
    fc.property(histories, (history) => {
      const [whole, apart] = [dirtyBit, inSteps(dirtyBit)].map((strategy) =>
        run(x86_64, strategy, history, new Set()).map(({ result, files }) => [result, files]),
      );
      expect(apart).toEqual(whole);
    }),
    { numRuns: 30 },
  );
});

test("a strategy that has no steps apart takes its checkpoint in `copy`", () => {
  const world = worldAfter("map 0 1 rw- anonymous\nstore 0 1");
  const steps = stepsOf(reportBasic.start(), world);
  steps.collect();
  steps.clear();
  expect(world.checkCount).toBe(0);
  act(world, parse("store 0 2")[0] as Exclude<Step, { do: "checkpoint" }>);
  steps.copy();
  expect(world.checkCount).toBe(1);
  expect(steps.commit()).toMatchObject({ kind: "committed", path: "cp_1_0", pagesSaved: 1 });
  expect(world.checkCount).toBe(1);
});

/** What happens after each step; `clean`: the kernel takes D of a page, as write-back does. */
type Action = Exclude<Step, { do: "checkpoint" }> | { readonly do: "clean"; readonly page: number };

const page = fc.constantFrom(2, 2, 2, 3, 3, 4);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("store" as const), page, offset: fc.constantFrom(0, 4095), value: fc.nat(3) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("clean" as const, "load" as const, "swap" as const), page }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("discard" as const), page, count: fc.constant(1) }) },
);
const actions = fc.array(action, { maxLength: 6, size: "max" });
const race = fc.record({
  before: histories,
  since: actions,
  collected: actions,
  cleared: actions,
  flushed: actions,
  copied: actions,
  after: actions,
});
type Race = typeof race extends fc.Arbitrary<infer Value> ? Value : never;

function perform(world: World, action: Action): void {
  if (action.do !== "clean") return act(world, action);
  const vaddr = pageAt(action.page);
  const paddr = world.entryAt(vaddr);
  if (paddr >= 0) world.takeDirty(vaddr, paddr);
  world.flush();
}

/** What every page of the window must hold now. */
function moment(world: World): readonly (string | undefined)[] {
  return Array.from({ length: windowPages }, (_, index) => {
    const bytes = world.expected(pageAt(index));
    return bytes === undefined ? undefined : Buffer.from(bytes).toString("base64");
  });
}

/** Takes a checkpoint amid a race, and one after it. Throws where either brings back what was in memory at none of its moments. */
function runRace(
  strategy: Strategy,
  race: Race,
  met: Set<string>,
  mutate: (steps: CheckpointSteps, world: World) => CheckpointSteps = (steps) => steps,
): void {
  const world = new World(x86_64, new MemoryFileSystem());
  for (const step of race.before) if (step.do !== "checkpoint") act(world, step);
  const checkpointer = strategy.start();
  const rebuild = strategy.rebuild(x86_64);
  rebuild.add(world.store, checkpointer.take(world).path);
  const performAll = (list: readonly Action[], moments?: (readonly (string | undefined)[])[]): void => {
    for (const each of list) {
      perform(world, each);
      moments?.push(moment(world));
    }
  };
  performAll(race.since);
  const moments = [moment(world)];
  const steps = mutate(stepsOf(checkpointer, world), world);
  steps.collect();
  performAll(race.collected, moments);
  steps.clear();
  performAll(race.cleared, moments);
  world.flush();
  performAll(race.flushed, moments);
  steps.copy();
  performAll(race.copied);
  const result = steps.commit();
  met.add(result.kind);
  if (moments.some((now) => now.join() !== moments[0].join())) met.add("changed between the steps");
  if (moments.at(-1)?.join() !== moment(world).join()) met.add("changed before the commit");
  if (result.kind === "committed") {
    rebuild.add(world.store, result.path);
    check(world, rebuild.image.pages, moments);
  }
  performAll(race.after);
  rebuild.add(world.store, checkpointer.take(world).path);
  check(world, rebuild.image.pages, [moment(world)]);
}

function check(
  world: World,
  pages: ReadonlyMap<number, Uint8Array>,
  moments: readonly (readonly (string | undefined)[])[],
): void {
  for (let index = 0; index < windowPages; index++) {
    const held = pages.get(pageAt(index));
    const isRight = moments.some((now) =>
      held === undefined
        ? now[index] === undefined || now[index] === untouched(world, index)
        : now[index] === Buffer.from(held).toString("base64"),
    );
    if (!isRight) throw new Error(`page ${index} is as it was at no moment`);
  }
}

/** What a page holds that the image does not list. */
function untouched(world: World, index: number): string {
  const bytes = new Uint8Array(frameBytes);
  const area = world.space.areas.find(({ start, end }) => start <= pageAt(index) && pageAt(index) < end);
  if (area?.file !== undefined) world.files.read(area.file, area.offset + (pageAt(index) - area.start), bytes);
  return Buffer.from(bytes).toString("base64");
}

const correct = ["dirty-bit", "soft-dirty", "write-protect", "dirty-log", "sub-page", "forked"];

test.each(correct)("what happens between the steps of %s is in this image or in the next, page by page", (name) => {
  const met = new Set<string>();
  fc.assert(
    fc.property(race, (each) => runRace(present(strategyNamed(name)), each, met)),
    { numRuns: 60 },
  );
  expect([...met].toSorted()).toEqual(["changed before the commit", "changed between the steps", "committed"]);
});

test.each<readonly [string, (steps: CheckpointSteps, world: World) => CheckpointSteps]>([
  [
    "a commit that drops marks left after the copy",
    (steps, world) => ({ ...methods(steps), commit: () => dropMarksAfter(world, () => steps.commit()) }),
  ],
  ["D taken where nobody keeps it", (steps, world) => ({ ...methods(steps), clear: () => dropAll(world) })],
  [
    "D taken again after the copy, and the marks dropped",
    (steps, world) => ({ ...methods(steps), copy: () => (steps.copy(), dropAll(world)) }),
  ],
])("%s is found out", (_, mutate) => {
  const found = fc.check(
    fc.property(race, (each) => runRace(dirtyBit, each, new Set(), mutate)),
    { numRuns: 300, seed: 7, endOnFailure: true },
  );
  expect(found.failed).toBe(true);
});

function methods(steps: CheckpointSteps): CheckpointSteps {
  return { collect: () => steps.collect(), clear: () => steps.clear(), copy: () => steps.copy(), commit: () => steps.commit() };
}

function dropMarksAfter<Result>(world: World, act: () => Result): Result {
  const result = act();
  for (let pfn = 1; pfn < world.memory.frameCount; pfn++) world.dropPending(pfn);
  return result;
}

/** Takes D of every page of the window, and keeps it nowhere. */
function dropAll(world: World): void {
  for (let index = 0; index < windowPages; index++) {
    const paddr = world.entryAt(pageAt(index));
    if (paddr >= 0) world.testAndClearDirty(pageAt(index), paddr);
  }
}

test("areas that change between the steps make the checkpoint fail, and nothing is lost", () => {
  const world = worldAfter("map 0 2 rw- anonymous\nstore 0 1");
  const checkpointer = dirtyBit.start();
  checkpointer.take(world);
  world.storeByte(pageAt(0), 2);
  const steps = stepsOf(checkpointer, world);
  steps.collect();
  steps.clear();
  world.flush();
  world.unmap(pageAt(1), pageAt(2));
  steps.copy();
  expect(steps.commit()).toEqual({ kind: "failed", path: "image-2", reason: "areas changed while it was taken" });
  expect(checkpointer.take(world)).toMatchObject({ kind: "committed", pagesSaved: 1 });
});
