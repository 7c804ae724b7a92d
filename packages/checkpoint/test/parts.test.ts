import { compareMemory, imageParts, strategyNamed, wordRuns } from "@pagelapse/checkpoint";
import { frameBytes, x86_64 } from "@pagelapse/mmu";
import { MemoryFileSystem } from "@pagelapse/vfs";
import { VM_DONTDUMP } from "@pagelapse/vma";
import fc from "fast-check";
import { expect, test } from "vitest";
import { act, histories, pageAt, parse } from "./history.ts";
import { present } from "./present.ts";
import { run } from "./run.ts";
import { World } from "./world.ts";

/** Pages and bytes of each committed image; steps stand between bars. */
function savedBy(name: string, steps: string): readonly (readonly [number, number])[] {
  return run(x86_64, present(strategyNamed(name)), parse(steps.replaceAll("|", "\n")), new Set()).map(({ result }) =>
    result.kind === "committed" ? [result.pagesSaved, result.byteCount] : [-1, -1],
  );
}

const combinations = ["dirty-bit", "soft-dirty", "content-hash", "forked"].flatMap((base) => [
  `${base}+unchanged`,
  `${base}+zeros+compressed`,
  `${base}+unchanged+zeros+compressed+undumped`,
]);

test.each([...combinations, "sub-page+unchanged+zeros"])("%s brings back each moment, whatever fails on the way", (name) => {
  fc.assert(
    fc.property(histories, (steps) => void run(x86_64, present(strategyNamed(name)), steps, new Set())),
    { numRuns: 12 },
  );
});

test.each([
  ["a part that there is not", "dirty-bit+shiny"],
  ["a part twice", "dirty-bit+zeros+zeros"],
  ["parts in another order", "dirty-bit+zeros+unchanged"],
  ["a part of a strategy that makes no images", "report-basic+zeros"],
  ["two ways to put pages down", "sub-page+compressed"],
  ["nothing", "dirty-bit+"],
])("no strategy has %s", (_, name) => {
  expect(strategyNamed(name)).toBeUndefined();
});

test("every part has a name that a strategy takes", () => {
  for (const { name } of imageParts) expect(strategyNamed(`dirty-bit+${name}`)?.name).toBe(`dirty-bit+${name}`);
});

test("a page whose bytes were stored again is left to the parent, if that is asked for", () => {
  const steps = "map 0 1 rw- anonymous | store 0 1 | checkpoint | store 0 1 | checkpoint | store 0 2 | checkpoint";
  expect(savedBy("dirty-bit", steps).map(([pages]) => pages)).toEqual([1, 1, 1]);
  expect(savedBy("dirty-bit+unchanged", steps).map(([pages]) => pages)).toEqual([1, 0, 1]);
});

test("a page of zeros has its bytes in the image only if that is asked for", () => {
  const steps = "map 0 1 rw- anonymous | store 0 0 | checkpoint";
  expect(savedBy("dirty-bit", steps)[0][0]).toBe(0);
  expect(savedBy("dirty-bit+zeros", steps)[0][0]).toBe(1);
});

test("an image of lines has a byte's line, and a compressed one is smaller than its pages", () => {
  const steps = "map 0 1 rw- anonymous | store 0 1 | checkpoint | store 0 2 | checkpoint";
  const [whole, lines, compressed] = ["dirty-bit", "sub-page", "dirty-bit+compressed"].map((name) => savedBy(name, steps));
  for (const image of [0, 1]) {
    expect(whole[image][1] - lines[image][1]).toBeGreaterThan(frameBytes - 64 - 400);
    expect(whole[image][1] - compressed[image][1]).toBeGreaterThan(frameBytes - 400);
  }
});

test("areas of MADV_DONTDUMP are left out if that is asked for, and not taken for lost", () => {
  for (const [name, kept, lost] of [
    ["dirty-bit", 2, 0],
    ["dirty-bit+undumped", 1, 0],
  ] as const) {
    const world = new World(x86_64, new MemoryFileSystem());
    for (const step of parse("map 0 1 rw- anonymous\nmap 3 1 rw- anonymous\nstore 0 1\nstore 3 2"))
      if (step.do !== "checkpoint") act(world, step);
    const areas = world.space.areas.map((area) =>
      area.start === pageAt(3) ? { ...area, flags: area.flags | VM_DONTDUMP } : area,
    );
    world.space = { ...world.space, areas };
    const strategy = present(strategyNamed(name));
    const checkpointer = strategy.start();
    const rebuild = strategy.rebuild(x86_64);
    rebuild.add(world.store, checkpointer.take(world).path);
    expect(rebuild.image.pages.size, name).toBe(kept);
    expect(compareMemory(world, rebuild.image).lost, name).toBe(lost);
    expect(compareMemory(world, { ...rebuild.image, leavesOut: 0 }).lost, name).toBe(2 - kept);
    // MADV_DODUMP: the page is nobody's but this image's.
    world.space = { ...world.space, areas: areas.map((area) => ({ ...area, flags: area.flags & ~VM_DONTDUMP })) };
    rebuild.add(world.store, checkpointer.take(world).path);
    expect(compareMemory(world, rebuild.image), name).toMatchObject({ lost: 0, stale: 0 });
    expect(rebuild.image.pages.size, name).toBe(2);
  }
});

const words = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 1, 0xffff_ffff), fc.integer({ min: 1, max: 9 })), { maxLength: 30, size: "max" })
  .map((runs) => Uint32Array.from(runs.flatMap(([word, count]) => new Array<number>(count).fill(word))));

test("runs of words are what they were", () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 0, max: 3 }), (whole, cut) => {
      const bytes = new Uint8Array(whole.buffer, 0, Math.max(0, whole.length * 4 - cut));
      const packed = wordRuns.compress(bytes);
      expect(wordRuns.decompress(packed, bytes.length)).toEqual(bytes);
      for (const wrong of [bytes.length - 1, bytes.length + 1])
        if (wrong >= 0) expect(() => wordRuns.decompress(packed, wrong)).toThrow(RangeError);
    }),
  );
  const long = new Uint8Array(0x6_0004).fill(7, 0x5_0000);
  expect(wordRuns.decompress(wordRuns.compress(long), long.length)).toEqual(long);
  expect(wordRuns.compress(long).length).toBeLessThan(64);
});

test("runs of words that are any bytes end in a refusal, or in as many bytes as were asked for", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24, size: "max" }), fc.integer({ min: 0, max: 40 }), (bytes, byteCount) => {
      try {
        expect(wordRuns.decompress(bytes, byteCount).length).toBe(byteCount);
      } catch (reason) {
        expect(reason).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 300 },
  );
});
