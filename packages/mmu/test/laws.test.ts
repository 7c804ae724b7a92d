import { catalogue } from "@pagelapse/events";
import { Tlb, applyMemoryFact, architectures, x86_64 } from "@pagelapse/mmu";
import type { Architecture } from "@pagelapse/mmu";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { run, steps } from "./world.ts";
import type { Parts } from "./world.ts";

const runs = { numRuns: 300 } as const;

/** Whether the laws hold for these parts over random histories. */
function holds(
  architecture: Architecture,
  parts: () => Parts,
  options: { readonly numRuns: number; readonly seed?: number },
): boolean {
  return !fc.check(
    fc.property(steps, (sequence) => void run(architecture, sequence, parts())),
    { ...options, endOnFailure: true },
  ).failed;
}

class KeepsPages extends Tlb {
  override flushPage(): void {}
}
class ConfusesPages extends Tlb {
  override readable(vpn: number): number {
    return super.readable(vpn & 0x3ff);
  }
}

describe.each(architectures.map((architecture) => [architecture.name, architecture] as const))("%s", (_, architecture) => {
  test("tables, TLB, A and D agree with a map of pages, and the facts rebuild the memory", () => {
    const met = new Map<string, number>();
    fc.assert(
      fc.property(steps, (sequence) => {
        for (const state of run(architecture, sequence)) met.set(state, (met.get(state) ?? 0) + 1);
      }),
      runs,
    );
    for (const state of [
      "unmapped",
      "cleaned",
      "not-present",
      "not-allowed",
      "tlb-hit",
      "stored-again",
      "pruned",
      "out-of-frames",
    ]) {
      expect([state, (met.get(state) ?? 0) > 5]).toEqual([state, true]);
    }
  });

  test.each([
    [0, 1],
    [1, 1],
    [4, 1],
    [1, 16],
    [64, 4],
  ])("a TLB of %i sets of %i ways changes nothing that is seen", (sets, ways) => {
    expect(holds(architecture, () => ({ tlb: new Tlb(sets, ways, architecture.bits) }), { numRuns: 60 })).toBe(true);
  });
});

const [pgd, pud, pmd, pte] = x86_64.levels;

test.each<[string, () => Parts]>([
  ["a kernel that never flushes", () => ({ flush: "never" })],
  ["a kernel that clears D and does not flush", () => ({ flush: "not-after-clean" })],
  ["a TLB that ignores the flush of a page", () => ({ tlb: new KeepsPages(2, 2, x86_64.bits) })],
  ["a TLB that compares part of the page number", () => ({ tlb: new ConfusesPages(2, 2, x86_64.bits) })],
  ["a TLB that takes W alone for W and D", () => ({ tlb: new Tlb(2, 2, { ...x86_64.bits, dirty: 0 }) })],
  ["a walk that swaps two levels", () => ({ walker: { ...x86_64, levels: [pgd, pmd, pud, pte] } })],
  ["a walk whose entries have four bytes", () => ({ walker: { ...x86_64, entryBytes: 4 } })],
  ...(["dirty-set", "accessed-set", "frame-zeroed", "frame-accounted", "table-linked", "entry-unmapped"] as const).map(
    (kind): [string, () => Parts] => [
      `a fold that forgets ${kind}`,
      () => ({ apply: (ram, batch, row) => void (batch.kind[row] === catalogue[kind].code || applyMemoryFact(ram, batch, row)) }),
    ],
  ),
])("%s is found out", (_, parts) => {
  expect(holds(x86_64, parts, { ...runs, seed: 7 })).toBe(false);
});
