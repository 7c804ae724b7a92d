// The laws that no single package can promise, each over random histories; each throws when it does not hold.

import { isDeepStrictEqual } from "node:util";
import { compareMemory, compareProcesses, restore, strategyNamed } from "@pagelapse/checkpoint";
import type { MemoryImage, Strategy } from "@pagelapse/checkpoint";
import { EventLog } from "@pagelapse/events";
import { Fold, Machine } from "@pagelapse/kernel";
import type { TlbShape } from "@pagelapse/kernel";
import { allocationOf, findEntry, flagsOf, frameBytes, frameFlags, pteDirty, pteFrame, readEntry } from "@pagelapse/mmu";
import type { Architecture, PhysicalMemory } from "@pagelapse/mmu";
import { MemoryFileSystem, isFailure, readFile, readdir } from "@pagelapse/vfs";
import type { Failure, Handle, Vfs } from "@pagelapse/vfs";
import { canMerge } from "@pagelapse/vma";
import fc from "fast-check";
import { checkInvariants } from "../../packages/kernel/test/invariants.ts";
import { Chain, expectImage } from "./chain.ts";
import { Model } from "./model.ts";
import { everything, histories, windowPages } from "./step.ts";
import type { Ingredients, Step } from "./step.ts";
import { World, addressOf, tinyMachine } from "./world.ts";
import type { Rule } from "./world.ts";

/** How long a law is tried, and on what. */
export interface Trial {
  readonly architecture: Architecture;
  readonly numRuns: number;
  /** Left out: another one each time, which a failure names. */
  readonly seed?: number;
  /** Whether a failure is made as small as can be: `smallest` unless said otherwise. */
  readonly failure?: "first" | "smallest";
  /** Is told how many histories met each state, by the law of chains. */
  readonly met?: Map<string, number>;
}

/** Where the report's basic checkpoint can save every page: none that only others may use, none that only the cache holds. */
export const readable: Ingredients = {
  ...everything,
  prots: [3, 3, 3, 1, 7, 2],
  origins: ["anonymous", "anonymous", "file"],
};

/** Where nothing goes away either. */
export const growing: Ingredients = { ...readable, steps: ["map", "protect", "store", "kernel-store", "load", "checkpoint"] };

/** Every law by its name; each returns how many histories it was tried on. */
export const laws = {
  "the machine agrees with the model, with its facts and with itself after every step": agreement,
  "each image of a chain brings back memory at its moment, and the last what a full one does": chains,
  "a TLB of any size gives the same memory, state and files, and so does doing it again": tlbs,
  "what changed is dirty": dirtyPages,
  "looking changes nothing": looking,
  "a machine that resumes an image goes on as if it had never stopped, and its next images are right": resuming,
  "a checkpoint that fails loses nothing": failing,
  "the report's basic files hold memory where every page may be read": reportBasic,
  "the report's increments add up to memory where nothing goes away": reportIncrements,
} satisfies Record<string, (trial: Trial) => number>;

export type LawName = keyof typeof laws;

/** Holds a law over histories; returns how many they were. */
function forHistories({ numRuns, seed, failure }: Trial, of: Ingredients, law: (history: readonly Step[]) => void): number {
  let count = 0;
  const counted = fc.property(histories(of), (history) => {
    law(history);
    count++;
  });
  fc.assert(counted, { numRuns, endOnFailure: failure === "first", ...(seed === undefined ? {} : { seed }) });
  return count;
}

function agreement(trial: Trial): number {
  const { architecture } = trial;
  return forHistories(trial, everything, (history) => {
    const log = new EventLog(32, 4096);
    const fold = new Fold(architecture, 96);
    log.listen((batch) => fold.add(batch));
    const world = new World(tinyMachine({ architecture, log }));
    const chain = new Chain(world.machine, dirtyBit());
    for (const step of history) {
      world.take(step, () => void chain.take());
      checkInvariants(world.machine);
      expectMerged(world.machine);
      expectSameRam(fold.ram, world.machine.memory);
    }
    if (!isDeepStrictEqual(fold.state, world.machine.state)) throw new Error("the state is not what the facts make it");
  });
}

function chains(trial: Trial): number {
  const { architecture, met } = trial;
  return forHistories(trial, everything, (history) => {
    const world = new World(tinyMachine({ architecture }));
    const chain = new Chain(world.machine, dirtyBit());
    const check = (): MemoryImage => {
      const image = committed(chain);
      expectImage(image, world.model);
      expectNothingWrong(world.machine, image);
      return image;
    };
    let length = 0;
    for (const step of history) {
      world.take(step, () => {
        check();
        length++;
        const saved = chain.last?.kind === "committed" ? chain.last.pagesSaved : 0;
        if (length > 2 && saved > 0) world.met.add("saved pages in the third image of a chain");
        if (chain.last?.kind === "committed" && saved < chain.last.presentPages) world.met.add("left pages to the parent");
      });
    }
    for (const state of world.met) met?.set(state, (met.get(state) ?? 0) + 1);
    const last = check();
    committed(chain);
    if (chain.last?.kind !== "committed" || chain.last.pagesSaved > 0) throw new Error("an increment of nothing holds pages");
    const full = committed(new Chain(world.machine, dirtyBit()));
    if (!isDeepStrictEqual(last.pages, full.pages)) throw new Error("a full checkpoint holds other pages");
  });
}

function tlbs(trial: Trial): number {
  const { architecture } = trial;
  const shapes: readonly TlbShape[] = [
    { sets: 2, ways: 2 },
    { sets: 2, ways: 2 },
    { sets: 0, ways: 1 },
    { sets: 1, ways: 1 },
    { sets: 64, ways: 4 },
  ];
  return forHistories(trial, everything, (history) => {
    const [first, ...others] = shapes.map((tlb) => {
      const world = new World(tinyMachine({ architecture, tlb }));
      const chain = new Chain(world.machine, dirtyBit());
      for (const step of history) world.take(step, () => void chain.take());
      return world.machine;
    });
    for (const other of others) {
      expectSameRam(first.memory, other.memory);
      if (!isDeepStrictEqual(first.state, other.state)) throw new Error("another TLB, another state");
      if (!isDeepStrictEqual(filesOf(first.tracked.store), filesOf(other.tracked.store)))
        throw new Error("another TLB, other files");
    }
  });
}

function dirtyPages(trial: Trial): number {
  const { architecture } = trial;
  return forHistories(trial, everything, (history) => {
    const world = new World(tinyMachine({ architecture }));
    const chain = new Chain(world.machine, dirtyBit());
    let before = new Map<number, { readonly bytes: Uint8Array; readonly use: string }>();
    for (const step of history) {
      world.take(step, () => {
        for (const [page, { bytes, use }] of before) {
          const now = world.model.bytesOf(page);
          if (now === undefined || Buffer.compare(now, bytes) === 0 || useOf(world.machine, page) !== use) continue;
          if (!isDirty(world.machine, page)) throw new Error(`page ${page} changed, and nothing says so`);
        }
        chain.take();
        const pages = [...world.model.pages.keys()];
        before = new Map(
          pages.map((page) => [page, { bytes: (world.model.bytesOf(page) ?? noBytes).slice(), use: useOf(world.machine, page) }]),
        );
      });
    }
  });
}

const noBytes = new Uint8Array(0);

/** Frame and allocation behind a page, as its entry says; `none` without. */
function useOf({ memory, architecture, space }: Machine, page: number): string {
  const paddr = findEntry(memory, architecture, space.root, addressOf(page));
  const pfn = paddr < 0 ? 0 : pteFrame(architecture.bits, readEntry(memory, architecture, paddr));
  return pfn === 0 ? "none" : `${pfn} for the ${allocationOf(memory, pfn)}th time`;
}

/** Whether an entry of the frame behind a page, or its mark, says that it was written. */
function isDirty({ memory, architecture, space }: Machine, page: number): boolean {
  const frames = Array.from({ length: windowPages }, (_, other) => {
    const paddr = findEntry(memory, architecture, space.root, addressOf(other));
    const entry = paddr < 0 ? { low: 0, high: 0 } : readEntry(memory, architecture, paddr);
    return { pfn: pteFrame(architecture.bits, entry), dirty: pteDirty(architecture.bits, entry) };
  });
  const { pfn } = frames[page];
  return (
    pfn === 0 || (flagsOf(memory, pfn) & frameFlags.pending) !== 0 || frames.some((other) => other.pfn === pfn && other.dirty)
  );
}

function looking(trial: Trial): number {
  const { architecture } = trial;
  return forHistories(trial, everything, (history) => {
    const world = new World(tinyMachine({ architecture }));
    const { machine } = world;
    const chain = new Chain(machine, dirtyBit());
    for (const step of history) {
      world.take(step, () => {
        const image = committed(chain);
        const [moment, state, ram] = [machine.log.moment, machine.state, ramOf(machine.memory)];
        world.compare();
        compareMemory(machine, image);
        restore(image, { architecture, frameCount: 96, files: machine.files });
        if (machine.log.moment !== moment || machine.state !== state || Buffer.compare(ramOf(machine.memory), ram) !== 0) {
          throw new Error("a look has changed the machine");
        }
      });
    }
  });
}

function resuming(trial: Trial): number {
  const { architecture } = trial;
  return forHistories(trial, everything, (history) => {
    let world = new World(tinyMachine({ architecture }));
    let chain = new Chain(world.machine, dirtyBit());
    let count = 0;
    for (const step of history) {
      let next: Machine | undefined;
      world.take(step, () => {
        const image = committed(chain);
        expectImage(image, world.model);
        count++;
        if (count % 2 === 0) next = tinyMachine({ architecture, resume: image });
      });
      if (next === undefined) continue;
      const before = world.machine;
      world = new World(next, new Model(world.model));
      world.compare();
      checkInvariants(next);
      if (!isDeepStrictEqual(next.space.areas, before.space.areas)) throw new Error("the areas are others");
      chain = new Chain(next, dirtyBit());
      expectImage(committed(chain), world.model);
    }
  });
}

/** Every other checkpoint meets a disk that does not write. */
function failing(trial: Trial): number {
  const { architecture } = trial;
  return forHistories(trial, everything, (history) => {
    const disk = new BrokenDisk();
    const world = new World(tinyMachine({ architecture, store: disk }));
    const chain = new Chain(world.machine, dirtyBit());
    for (const step of history) {
      world.take(step, () => {
        disk.isBroken = !disk.isBroken;
        const image = chain.take();
        if ((image === undefined) !== disk.isBroken) throw new Error(`a checkpoint ${chain.last?.kind}`);
        if (image !== undefined) expectImage(image, world.model);
      });
    }
  });
}

/** A disk that refuses every write while it is broken. */
class BrokenDisk extends MemoryFileSystem {
  isBroken = false;

  override write(handle: Handle, position: number, bytes: Uint8Array): number | Failure {
    return this.isBroken ? { errno: "EIO" } : super.write(handle, position, bytes);
  }
}

function reportBasic(trial: Trial): number {
  return reportFiles(trial, readable, "report-basic", "anything");
}

function reportIncrements(trial: Trial): number {
  return reportFiles(trial, growing, "report-incremental", "takes nothing away");
}

function reportFiles(trial: Trial, of: Ingredients, name: string, rule: Rule): number {
  return forHistories(trial, of, (history) => void replayWith(trial.architecture, name, rule, history));
}

/** Throws unless the files of that strategy bring memory back at every checkpoint of a history; returns how many steps it had. */
export function replayWith(architecture: Architecture, name: string, rule: Rule, history: readonly Step[]): number {
  const world = new World(tinyMachine({ architecture }), new Model(), rule);
  const chain = new Chain(world.machine, named(name));
  for (const step of history) world.take(step, () => expectImage(committed(chain), world.model));
  return history.length;
}

function committed(chain: Chain): MemoryImage {
  const image = chain.take();
  if (image === undefined) throw new Error(`${chain.last?.path} was not written`);
  return image;
}

function dirtyBit(): Strategy {
  return named("dirty-bit");
}

function named(name: string): Strategy {
  const strategy = strategyNamed(name);
  if (strategy === undefined) throw new Error(`no strategy ${name}`);
  return strategy;
}

/** The package's own judgement, and its restored process, agree that nothing is wrong. */
function expectNothingWrong(machine: Machine, image: MemoryImage): void {
  const restored = restore(image, { architecture: machine.architecture, frameCount: 96, files: machine.files });
  for (const { lost, stale, resurrected, first } of [compareMemory(machine, image), compareProcesses(machine, restored)]) {
    if (lost + stale + resurrected > 0) throw new Error(`page ${first?.vaddr} is ${first?.kind}`);
  }
}

/** No two neighbours could be one. */
function expectMerged({ space }: Machine): void {
  space.areas.forEach((area, index) => {
    const next = space.areas[index + 1];
    if (next !== undefined && canMerge(area, next)) throw new Error(`the areas at ${area.start} and ${next.start} could be one`);
  });
}

function expectSameRam(left: PhysicalMemory, right: PhysicalMemory): void {
  for (let pfn = 0; pfn < right.frameCount; pfn++) {
    left.read(pfn * frameBytes, oneFrame);
    right.read(pfn * frameBytes, otherFrame);
    if (Buffer.compare(oneFrame, otherFrame) !== 0) throw new Error(`frame ${pfn} holds other bytes`);
  }
}

const oneFrame = new Uint8Array(frameBytes);
const otherFrame = new Uint8Array(frameBytes);

function ramOf(memory: PhysicalMemory): Uint8Array {
  const bytes = new Uint8Array(memory.frameCount * frameBytes);
  for (let pfn = 0; pfn < memory.frameCount; pfn++)
    memory.read(pfn * frameBytes, bytes.subarray(pfn * frameBytes, (pfn + 1) * frameBytes));
  return bytes;
}

/** Every file of a store by its name. */
function filesOf(store: Vfs): ReadonlyMap<string, unknown> {
  const entries = readdir(store, ".");
  if (isFailure(entries)) throw new Error(entries.errno);
  return new Map(entries.map(({ name }) => [name, readFile(store, name)]));
}
