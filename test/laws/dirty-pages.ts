// Dirty is a superset of changed.

import type { Machine } from "@pagelapse/kernel";
import { allocationOf, findEntry, flagsOf, frameFlags, pteDirty, pteFrame, readEntry } from "@pagelapse/mmu";
import { Chain } from "../world/chain.ts";
import { everything, windowPages } from "../world/step.ts";
import { World, addressOf, tinyMachine } from "../world/world.ts";
import { forHistories } from "./trial.ts";
import type { Trial } from "./trial.ts";

/** Between two checkpoints, for pages that stay in their frames. */
export function dirtyPages(trial: Trial): number {
  const { architecture } = trial;
  return forHistories(trial, everything, (history) => {
    const world = new World(tinyMachine({ architecture }));
    const chain = new Chain(world.machine, "dirty-bit");
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
