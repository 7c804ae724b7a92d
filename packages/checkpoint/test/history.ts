// Random histories of a process in a window of eight pages, and the notation in which examples write them down.

import { frameBytes, x86_64 } from "@pagelapse/mmu";
import { MemoryFileSystem } from "@pagelapse/vfs";
import { VM_EXEC, VM_READ, VM_WRITE } from "@pagelapse/vma";
import fc from "fast-check";
import { World } from "./world.ts";
import type { Backing } from "./mapped-files.ts";

/** The window lies across the end of a last-level table, on every architecture. */
export const windowPages = 8;
const windowStart = 0x3f_d000;

/** Address of a page of the window. */
export function pageAt(page: number): number {
  return windowStart + page * frameBytes;
}

/** Every step can be taken in every state. Pages are counted from the window's first. */
export type Step =
  | {
      readonly do: "map";
      readonly page: number;
      readonly count: number;
      readonly prot: Prot;
      readonly backing: Backing;
      readonly filePage: number;
    }
  | { readonly do: "unmap" | "discard"; readonly page: number; readonly count: number }
  | { readonly do: "protect"; readonly page: number; readonly count: number; readonly prot: Prot }
  | { readonly do: "move"; readonly page: number; readonly to: number }
  | { readonly do: "store"; readonly page: number; readonly offset: number; readonly value: number }
  | { readonly do: "load" | "swap"; readonly page: number }
  | { readonly do: "checkpoint"; readonly trouble: Trouble };

type Prot = "rw-" | "r--" | "---" | "r-x";

/** What befalls the file of a checkpoint: nothing, no space after some blocks, or an fsync that fails (the file's, the directory's). */
export type Trouble = "none" | "no space" | "one block" | "file sync" | "directory sync";

/** Most steps meet at the pages around the end of the table. */
const page = fc.constantFrom(2, 2, 2, 3, 3, 3, 4, 0, 1, 5, 6, 7);
const count = fc.integer({ min: 1, max: 3 });
const anyProt = fc.constantFrom<Prot>("rw-", "rw-", "rw-", "r--", "---", "r-x");
const backing = fc.constantFrom<Backing>(
  "anonymous",
  "anonymous",
  "anonymous",
  "shared memory",
  "private file",
  "shared file",
  "nobody's",
);
const store = fc.record({
  do: fc.constant("store" as const),
  page,
  offset: fc.constantFrom(0, 0, 1, 4095),
  value: fc.constantFrom(0, 1, 2),
});
const map = fc.record({ do: fc.constant("map" as const), page, count, prot: anyProt, backing, filePage: fc.nat(2) });
const load = fc.record({ do: fc.constantFrom("load" as const, "swap" as const), page });
const checkpoint = fc.constantFrom<Trouble>(
  "none",
  "none",
  "none",
  "none",
  "no space",
  "one block",
  "file sync",
  "directory sync",
);

/** What happens seldom by chance: a page that changed between two checkpoints comes back in another frame, D clear. */
const swappedBetween: fc.Arbitrary<Step[]> = fc.tuple(page, fc.constantFrom(1, 2)).map(([at, value]) => [
  { do: "checkpoint", trouble: "none" },
  { do: "store", page: at, offset: 0, value },
  { do: "swap", page: at },
  { do: "checkpoint", trouble: "none" },
]);

const anyStep = fc.oneof(
  { weight: 5, arbitrary: map },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("unmap" as const, "discard" as const), page, count }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("protect" as const), page, count, prot: anyProt }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("move" as const), page, to: page }) },
  { weight: 12, arbitrary: store },
  { weight: 3, arbitrary: load },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("checkpoint" as const), trouble: checkpoint }) },
) as fc.Arbitrary<Step>;

/** Histories of a few dozen steps. */
export const histories: fc.Arbitrary<Step[]> = fc
  .array(fc.oneof({ weight: 40, arbitrary: anyStep.map((one) => [one]) }, { weight: 1, arbitrary: swappedBetween }), {
    minLength: 2,
    maxLength: 50,
    size: "max",
  })
  .map((parts) => parts.flat());

/** Histories in which nothing is ever taken away, forbidden or shared, and no write goes wrong. */
export const growingHistories: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("map" as const),
        page,
        count,
        prot: fc.constant<Prot>("rw-"),
        backing: fc.constantFrom<Backing>("anonymous", "private file", "nobody's"),
        filePage: fc.nat(2),
      }),
    },
    { weight: 6, arbitrary: store },
    { weight: 1, arbitrary: load },
    { weight: 2, arbitrary: fc.constant<Step>({ do: "checkpoint", trouble: "none" }) },
  ),
  { minLength: 2, maxLength: 40, size: "max" },
);

/** Checkpoints that nothing befalls. */
export function withoutTrouble(steps: readonly Step[]): readonly Step[] {
  return steps.map((step) => (step.do === "checkpoint" ? { ...step, trouble: "none" } : step));
}

/** Does what a program can do; checkpoints are the caller's. */
export function act(world: World, step: Exclude<Step, { do: "checkpoint" }>): void {
  const start = pageAt(step.page);
  const end = "count" in step ? Math.min(start + step.count * frameBytes, pageAt(windowPages)) : start + frameBytes;
  switch (step.do) {
    case "map":
      return world.map(start, end, flagsOfProt(step.prot), step.backing, step.filePage);
    case "unmap":
      return world.unmap(start, end);
    case "discard":
      return world.discard(start, end);
    case "protect":
      return world.protect(start, end, flagsOfProt(step.prot));
    case "move":
      if (world.expected(start) === undefined || step.to === step.page) return;
      world.unmap(pageAt(step.to), pageAt(step.to + 1));
      return world.move(start, end, pageAt(step.to));
    case "store":
      return void world.storeByte(start + step.offset, step.value);
    case "load":
      return world.load(start);
    case "swap":
      return world.swap(start);
  }
}

function flagsOfProt(prot: Prot): number {
  return (prot[0] === "r" ? VM_READ : 0) | (prot[1] === "w" ? VM_WRITE : 0) | (prot[2] === "x" ? VM_EXEC : 0);
}

/**
 * The notation: a step a line.
 *
 *     map 0 2 rw- anonymous      store 0 1      load 0      swap 0      protect 0 1 ---      move 0 to 3      unmap 0 1      checkpoint
 */
export function parse(text: string): readonly Step[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map(parseLine);
}

const prots: readonly Prot[] = ["rw-", "r--", "---", "r-x"];
const backings: readonly Backing[] = ["anonymous", "shared memory", "private file", "shared file", "nobody's"];
const troubles: readonly Trouble[] = ["none", "no space", "one block", "file sync", "directory sync"];

function parseLine(line: string): Step {
  const [verb, first, second, third, ...rest] = line.split(" ");
  const at = Number(first);
  switch (verb) {
    case "map":
      return {
        do: "map",
        page: at,
        count: Number(second),
        prot: oneOf(prots, third),
        backing: oneOf(backings, rest.join(" ")),
        filePage: 0,
      };
    case "unmap":
    case "discard":
      return { do: verb, page: at, count: Number(second) };
    case "protect":
      return { do: "protect", page: at, count: Number(second), prot: oneOf(prots, third) };
    case "move":
      return { do: "move", page: at, to: Number(third) };
    case "store":
      return { do: "store", page: at, offset: 0, value: Number(second) };
    case "load":
    case "swap":
      return { do: verb, page: at };
    case "checkpoint":
      return { do: "checkpoint", trouble: oneOf(troubles, line.slice("checkpoint ".length) || "none") };
    default:
      throw new Error(`no such step: ${line}`);
  }
}

function oneOf<Word extends string>(words: readonly Word[], word: string): Word {
  const found = words.find((known) => known === word);
  if (found === undefined) throw new Error(`${word} is none of ${words.join(", ")}`);
  return found;
}

/** A process on x86-64 after these steps, none of which is a checkpoint. */
export function worldAfter(text: string): World {
  const world = new World(x86_64, new MemoryFileSystem());
  for (const step of parse(text)) if (step.do !== "checkpoint") act(world, step);
  return world;
}
