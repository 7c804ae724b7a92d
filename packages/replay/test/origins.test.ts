// Where a byte comes from: stores, page faults, forks and the swap device, back to the first.

import { expect, test } from "vitest";
import type { Command } from "@pagelapse/kernel";
import { originOf } from "@pagelapse/replay";
import { historyOf, open, recordingOf } from "./history.ts";
import { at } from "./program.ts";

const mapped: Command = { kind: "map-memory", start: at(0), byteCount: 4 * 4096, prot: 3, flags: 0x22 | 0x10 };
const store = (page: number, value: number): Command => ({ kind: "store", vaddr: at(page, 8), bytes: Uint8Array.of(value) });

/** The steps behind byte 8 of a page at the end of a program, the last one first. */
async function stepsOf(commands: readonly Command[], task: number, page: number): Promise<string> {
  const timeline = await open(recordingOf(historyOf(commands), { segments: { least: 20, eachFrame: 0, most: 20 } }));
  const steps = await originOf(timeline, task, at(page, 8), timeline.moments);
  return steps.map(({ role, event }) => `${role}: ${event.kind}`).join(", ");
}

test("a byte that was stored comes from its store, in a frame that a page fault brought", async () => {
  expect(await stepsOf([mapped, store(1, 7)], 0, 1)).toBe("bytes: store, fault: page-faulted, entry: entry-mapped");
});

test("a byte that nobody stored comes from the frame that was made zero", async () => {
  const other: Command = { kind: "store", vaddr: at(1, 100), bytes: Uint8Array.of(7) };
  expect(await stepsOf([mapped, other], 0, 1)).toBe("fault: page-faulted, entry: entry-mapped, bytes: frame-zeroed");
});

test("a byte of a page that was copied on a write comes from the store before the fork", async () => {
  const after: Command = { kind: "store", vaddr: at(1, 100), bytes: Uint8Array.of(9) };
  const commands = [mapped, store(1, 7), { kind: "fork-task", pid: 2 } as const, after];
  expect(await stepsOf(commands, 0, 1)).toBe("fault: page-faulted, entry: entry-mapped, bytes: frame-copied, bytes: store");
});

test("a byte that a child inherits comes through an entry of its own, and no fault", async () => {
  const commands = [mapped, store(1, 7), { kind: "fork-task", pid: 2 } as const];
  expect(await stepsOf(commands, 1, 1)).toBe("entry: entry-mapped, bytes: store");
});

test("a byte on the swap device comes from the store before it was reclaimed", async () => {
  const reclaim: Command = { kind: "reclaim-page", vaddr: at(1) };
  expect(await stepsOf([mapped, store(1, 7), reclaim], 0, 1)).toBe("bytes: frame-copied, entry: entry-swapped, bytes: store");
});

test("a byte that no frame holds comes from nowhere", async () => {
  expect(await stepsOf([mapped], 0, 1)).toBe("");
  expect(await stepsOf([mapped], 5, 1)).toBe("");
});
