// Dirty is a superset of changed.

import type { Machine } from "@pagelapse/kernel";
import { allocationOf, findEntry, flagsOf, frameFlags, pteDirty, pteFrame, ptePresent, readEntry } from "@pagelapse/mmu";
import type { Entry } from "@pagelapse/mmu";
import { addressOf, Chain, everything, tinyMachine, windowPages, World } from "@pagelapse/trace/testing";
import { forHistories, strategyOf } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** Between two checkpoints of one process, for pages that stay in their frames. */
export function dirtyPages(trial: Trial): number {
  const { architecture } = trial;
  return forHistories(trial, everything, (history) => {
    const world = new World(tinyMachine({ architecture }));
    const chain = new Chain(world.machine, strategyOf(trial));
    let before: Remembered = { task: 0, pages: new Map() };
    for (const step of history) {
      world.take(step, () => {
        if (before.task === world.machine.state.running[0]) expectDirty(world, before);
        chain.take();
        before = remember(world);
      });
    }
  });
}

/** What a process had at its last checkpoint: bytes, and the use of a frame that held them. */
interface Remembered {
  readonly task: number;
  readonly pages: ReadonlyMap<number, { readonly bytes: Uint8Array; readonly use: string }>;
}

function remember({ machine, model }: World): Remembered {
  const pages = new Map<number, { readonly bytes: Uint8Array; readonly use: string }>();
  for (const page of model.pages.keys())
    pages.set(page, { bytes: (model.bytesOf(page) ?? noBytes).slice(), use: useOf(machine, page) });
  return { task: machine.state.running[0], pages };
}

function expectDirty({ machine, model }: World, before: Remembered): void {
  for (const [page, { bytes, use }] of before.pages) {
    const now = model.bytesOf(page);
    if (now === undefined || Buffer.compare(now, bytes) === 0 || useOf(machine, page) !== use) continue;
    if (use !== "none" && !isDirty(machine, page)) throw new Error(`page ${page} changed, and nothing says so`);
  }
}

const noBytes = new Uint8Array(0);

/** The entry of a page if it has a frame. */
function presentEntry({ memory, architecture }: Machine, root: number, page: number): Entry | undefined {
  const paddr = findEntry(memory, architecture, root, addressOf(page));
  const entry = paddr < 0 ? undefined : readEntry(memory, architecture, paddr);
  return entry !== undefined && ptePresent(architecture.bits, entry) ? entry : undefined;
}

/** Frame and allocation behind a page, as its entry says; `none` without. */
function useOf(machine: Machine, page: number): string {
  const entry = presentEntry(machine, machine.space.root, page);
  if (entry === undefined) return "none";
  const pfn = pteFrame(machine.architecture.bits, entry);
  return `${pfn} for the ${allocationOf(machine.memory, pfn)}th time`;
}

/** Whether an entry of the frame behind a page, whoever's, or its mark, says that it was written. */
function isDirty(machine: Machine, page: number): boolean {
  const { bits } = machine.architecture;
  const here = presentEntry(machine, machine.space.root, page);
  if (here === undefined) return false;
  const pfn = pteFrame(bits, here);
  const isMarked = (flagsOf(machine.memory, pfn) & frameFlags.pending) !== 0;
  return (
    isMarked ||
    machine.state.tasks.some(({ root, state }) =>
      Array.from({ length: windowPages }, (_, other) => presentEntry(machine, root, other)).some(
        (entry) => state === "alive" && entry !== undefined && pteFrame(bits, entry) === pfn && pteDirty(bits, entry),
      ),
    )
  );
}
