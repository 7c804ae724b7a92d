import { Tlb, architectures, collapseTable, makeEntryAt, translate, writeEntry, x86_64 } from "@pagelapse/mmu";
import type { Architecture, EntryBits } from "@pagelapse/mmu";
import fc from "fast-check";
import { expect, test } from "vitest";
import { run, steps } from "./large-world.ts";
import type { Parts } from "./large-world.ts";

const runs = { numRuns: 30 } as const;

test("on every architecture large pages mapped, split, collapsed and stored to agree with a model, and leave no frame behind", () => {
  const met = new Map<string, number>();
  for (const architecture of architectures) {
    fc.assert(
      fc.property(steps, (sequence) => {
        for (const state of run(architecture, sequence)) met.set(state, (met.get(state) ?? 0) + 1);
      }),
      runs,
    );
  }
  const usual = [
    "unmapped",
    "dirty-split",
    "collapsed",
    "not-collapsed",
    "large-hit",
    "large-page-in-the-way",
    "other-part-dirty-already",
  ];
  const rare = ["partly-dirty-collapsed", "no-run"];
  for (const state of usual) expect([state, (met.get(state) ?? 0) > 9]).toEqual([state, true]);
  for (const state of rare) expect([state, (met.get(state) ?? 0) > 1]).toEqual([state, true]);
});

class ForgetsOnePart extends Tlb {
  override flushPages(vpn: number): void {
    this.flushPage(vpn);
  }
}

const withBits =
  (changed: Partial<EntryBits>) =>
  (architecture: Architecture): Architecture => ({
    ...architecture,
    bits: { ...architecture.bits, ...changed },
  });
const withoutLargePages = (architecture: Architecture): Architecture => ({
  ...architecture,
  levels: architecture.levels.map((level) => ({ ...level, leaf: level.span === 4096 ? level.leaf : 0 })),
});
const collapseUnseen: typeof collapseTable = (memory, vaddr, paddr, level) =>
  collapseTable(memory, vaddr, paddr, level) ||
  (writeEntry(
    memory,
    "entry-mapped",
    vaddr,
    paddr,
    makeEntryAt(x86_64.bits, level, 512, { read: true, write: true, execute: false }, 0),
  ),
  true);

test.each<[string, Parts]>([
  ["a TLB that forgets one part of a large page", { tlb: ({ bits }) => new ForgetsOnePart(2, 2, bits) }],
  ["a TLB that takes W alone for W and D", { tlb: ({ bits }) => new Tlb(2, 2, { ...bits, dirty: 0 }) }],
  ["a split that loses D", { splitter: withBits({ dirty: 0 }) }],
  ["a split that loses A", { splitter: withBits({ accessed: 0 }) }],
  ["a split that loses W", { splitter: withBits({ write: 0 }) }],
  ["a split that leaves soft-dirty out where D is set", { splitter: withBits({ softDirty: 0 }) }],
  ["a walk that takes a large page for a table", { walker: withoutLargePages }],
  ["a processor that finds the first frame for every part", { translate: (...args) => Math.max(translate(...args) & ~511, -2) }],
  ["a collapse that does not look", { collapse: collapseUnseen }],
])("%s is found out", (_, parts) => {
  const outcome = fc.check(
    fc.property(steps, (sequence) => void run(x86_64, sequence, parts)),
    { ...runs, seed: 7, endOnFailure: true },
  );
  expect(outcome.failed).toBe(true);
});
