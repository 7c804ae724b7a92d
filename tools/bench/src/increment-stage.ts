// What an increment of few pages of many costs for each page: `node increment-stage.js STAGE` prints nanoseconds.

import { strategyNamed } from "@pagelapse/checkpoint";
import type { CheckpointSteps } from "@pagelapse/checkpoint";
import { Machine } from "@pagelapse/kernel";
import { MemoryFileSystem } from "@pagelapse/vfs";
import type { IncrementStageName } from "./figure.ts";

/** 512 MiB resident, of which an increment has these. */
const pageCount = 2 ** 17;
const dirtyCount = 16;
const start = 0x1000_0000;
const rounds = 8;

const [stage] = process.argv.slice(2) as [IncrementStageName];
const machine = new Machine({ frameCount: pageCount + 4096, store: new MemoryFileSystem() });
// PROT_READ | PROT_WRITE; MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS
machine.execute({ kind: "map-memory", start, byteCount: pageCount * 4096, prot: 3, flags: 0x32 });
storeTo(pageCount, 1);
const checkpointer = strategyNamed("dirty-bit")?.start();
if (checkpointer?.steps === undefined) throw new Error("dirty-bit has no steps");
const full = checkpointer.take(machine.tracked);
if (full.kind !== "committed") throw new Error(full.reason);

const samples: Record<IncrementStageName, number>[] = [];
for (let round = 2; round < rounds + 2; round++) {
  storeTo(dirtyCount, round);
  samples.push(measure(checkpointer.steps(machine.tracked)));
}
// The first rounds run before everything is compiled.
const sorted = samples.slice(2).map((sample) => sample[stage]);
sorted.sort((left, right) => left - right);
process.stdout.write(`${sorted[Math.floor(sorted.length / 2)]}\n`);

/** Stores to that many pages, spread evenly. */
function storeTo(count: number, value: number): void {
  const spacing = Math.floor(pageCount / count) * 4096;
  for (let i = 0; i < count; i++) machine.store(0, start + i * spacing, Uint32Array.of(value, i), 0, 8);
  machine.flush();
}

/** Takes a checkpoint; what the look for D costs, and all of it, in nanoseconds for each page that is resident. */
function measure(steps: CheckpointSteps): Record<IncrementStageName, number> {
  const begun = performance.now();
  steps.collect();
  const collected = performance.now();
  steps.clear();
  const cleared = performance.now();
  machine.tracked.flush();
  steps.copy();
  const result = steps.commit();
  const ended = performance.now();
  if (result.kind !== "committed" || result.pagesSaved !== dirtyCount) throw new Error(JSON.stringify(result));
  const perPage = (milliseconds: number): number => (milliseconds * 1e6) / pageCount;
  return { scanned: perPage(cleared - collected), taken: perPage(ended - begun) };
}
