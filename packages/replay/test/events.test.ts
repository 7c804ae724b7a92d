import { kindNames } from "@pagelapse/events";
import type { KindName } from "@pagelapse/events";
import fc from "fast-check";
import { firstValueFrom, take, toArray } from "rxjs";
import { expect, test } from "vitest";
import { historyOf, open, recordingOf } from "./history.ts";
import type { History } from "./history.ts";
import { accessLaw, batchLaw, linesOf, searchLaw } from "./past-events.ts";
import { programs } from "./program.ts";

test("batches of the past are those that were recorded, from any moment to any other", async () => {
  const seen = await batchLaw({ numRuns: 60 });
  expect(kindNames().filter((kind) => !seen.has(kind) && !rare.includes(kind))).toEqual([]);
});

/** Kinds that these programs need not bring about; each has the columns of one that they must. */
const rare: readonly KindName[] = [
  "page-uncached",
  "file-written-back",
  "dirty-cleared",
  "accessed-set",
  "area-grown",
  "break-moved",
  "task-exited",
  "checkpoint-begun",
  "checkpoint-committed",
  "checkpoint-failed",
  "page-saved",
  "file-operated",
  "check-counted",
  "tlb-shot-down",
  "soft-dirty-cleared",
  "device-store",
  "page-unpinned",
  "area-freed",
  "area-advised",
  "write-logged",
  "dirty-log-taken",
  "dirty-log-started",
  "writes-protected",
  "tlb-space-flushed",
  "tlb-dirtied",
  "dirty-set",
];

test("a search finds what looking through all events would", async () => {
  const met = await searchLaw({ numRuns: 300 });
  expect(Math.min(...Object.values(met)), JSON.stringify(met)).toBeGreaterThan(3);
});

test("the last and the next write, and all of a window, are those that looking through all events would find", async () => {
  const { last, next, several, loads } = await accessLaw({ numRuns: 150 });
  expect(Math.min(last, next, several, loads)).toBeGreaterThan(2);
});

function sample(seed: number): History {
  return historyOf(fc.sample(programs, { numRuns: 1, seed })[0]);
}
const segments = { least: 8, eachFrame: 0, most: 8 };

test("events$ tells the past, and stops reading where nobody listens any more", async () => {
  const history = sample(5);
  const timeline = await open(recordingOf(history, { segments }));
  const events = await firstValueFrom(timeline.events$().pipe(toArray()));
  expect(events.map(({ moment }) => moment)).toEqual(Array.from({ length: history.moments }, (_, moment) => moment));
  const before = timeline.cost.segments + timeline.cost.reads;
  const few = await firstValueFrom(timeline.events$(10).pipe(take(3), toArray()));
  expect(few.map(({ moment }) => moment)).toEqual([10, 11, 12]);
  expect(timeline.cost.segments + timeline.cost.reads - before).toBeLessThan(20);
});

test("a search that is stopped says where it was", async () => {
  const history = sample(5);
  const timeline = await open(recordingOf(history, { segments }));
  const told: (readonly [number, number])[] = [];
  const progress = (done: number, of: number): "stop" | "go on" => {
    told.push([done, of]);
    return done >= 16 ? "stop" : "go on";
  };
  const found = await timeline.find({ from: 0, direction: "forward", where: () => false, progress });
  expect(found).toEqual({ kind: "stopped", moment: 16 });
  expect(told.at(-1)).toEqual([16, history.moments]);
});

test("an event is what its batch says, alone as well", async () => {
  const history = sample(9);
  const timeline = await open(recordingOf(history, { segments }));
  const expected = linesOf(history.batches);
  for (let moment = 0; moment < history.moments; moment += 7) {
    const event = await timeline.event(moment);
    expect(expected[moment].startsWith(`${event.moment} ${event.kind} ${event.task} ${event.processor} ${event.vaddr}`)).toBe(
      true,
    );
  }
});
