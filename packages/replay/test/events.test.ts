import { catalogue, kindNames, kindOf } from "@pagelapse/events";
import type { EventBatch, KindName, MachineEvent } from "@pagelapse/events";
import type { Timeline } from "@pagelapse/replay";
import fc from "fast-check";
import { take, toArray } from "rxjs";
import { firstValueFrom } from "rxjs";
import { expect, test } from "vitest";
import { frameCount, historyOf, open, place, recordingOf } from "./history.ts";
import type { History } from "./history.ts";
import { programs } from "./program.ts";

/** Every column that an event's kind uses, as text, a line an event. */
function lines(batches: Iterable<EventBatch>): readonly string[] {
  return [...batches].flatMap((batch) => Array.from({ length: batch.count }, (_, row) => line(batch, row)));
}

function line(batch: EventBatch, row: number): string {
  const kind = kindOf(batch.kind[row]);
  const { columns } = catalogue[kind];
  const bytes = columns.includes("bytes") ? Buffer.from(batch.bytes(row)).toString("hex") : "";
  const from = columns.includes("from") ? batch.heapWords[batch.data[row] * 2] : "";
  const numbers = [batch.task, batch.processor, batch.vaddr, batch.paddr, batch.length, batch.site, batch.origin];
  const detail = JSON.stringify(batch.details.get(row));
  return [batch.firstMoment + row, kind, ...numbers.map((column) => column[row]), from, bytes, detail].join(" ");
}

async function read(timeline: Timeline, from: number, to: number): Promise<readonly EventBatch[]> {
  const batches: EventBatch[] = [];
  for await (const batch of timeline.batches(from, to)) batches.push(batch);
  return batches;
}

const recorded = fc.tuple(programs, fc.constantFrom(3, 50, 4000)).map(([program, least]) => {
  const history = historyOf(program);
  const bytes = recordingOf(history, { segments: { least, eachFrame: 0, most: least }, copies: { weight: 300, touch: 40 } });
  return { history, bytes };
});
const within = (history: History, share: number): number => Math.floor(share * history.moments);

test("batches of the past are those that were recorded, from any moment to any other", async () => {
  const seen = new Set<KindName>();
  await fc.assert(
    fc.asyncProperty(recorded, place, place, async ({ history, bytes }, one, other) => {
      const timeline = await open(bytes);
      const [from, to] = [within(history, Math.min(one, other)), within(history, Math.max(one, other))];
      const expected = lines(history.batches);
      expect(lines(await read(timeline, 0, history.moments))).toEqual(expected);
      expect(lines(await read(timeline, from, to))).toEqual(expected.slice(from, to));
      for (const batch of history.batches) batch.kind.forEach((code) => seen.add(kindOf(code)));
    }),
    { numRuns: 60 },
  );
  const unseen = kindNames().filter((kind) => !seen.has(kind));
  expect(unseen.filter((kind) => !rare.includes(kind))).toEqual([]);
});

/** Kinds that these programs need not bring about; each has the columns of one that they must. */
const rare: readonly KindName[] = [
  "page-uncached",
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
];

test("events$ tells the past, and stops reading where nobody listens any more", async () => {
  const history = historyOf(fc.sample(programs, { numRuns: 1, seed: 5 })[0]);
  const timeline = await open(recordingOf(history, { segments: { least: 8, eachFrame: 0, most: 8 } }));
  const events = await firstValueFrom(timeline.events$().pipe(toArray()));
  expect(events.map(({ moment }) => moment)).toEqual(Array.from({ length: history.moments }, (_, moment) => moment));
  const before = timeline.cost.segments + timeline.cost.reads;
  const few = await firstValueFrom(timeline.events$(10).pipe(take(3), toArray()));
  expect(few.map(({ moment }) => moment)).toEqual([10, 11, 12]);
  expect(timeline.cost.segments + timeline.cost.reads - before).toBeLessThan(20);
});

test("a search finds what looking through all events would", async () => {
  const met = { found: 0, none: 0 };
  const kinds = fc.option(
    fc.subarray(
      kindNames().filter((kind) => !rare.includes(kind)),
      { minLength: 1, maxLength: 3 },
    ),
    { nil: undefined },
  );
  const site = fc.option(fc.constantFrom(0, 0x40_0000_0001, 0x40_0000_0003, 7), { nil: undefined });
  const value = fc.option(fc.nat(3), { nil: undefined, freq: 1 });
  const direction = fc.constantFrom("forward" as const, "back" as const);
  await fc.assert(
    fc.asyncProperty(recorded, place, direction, kinds, site, value, async ({ history, bytes }, share, way, of, at, byte) => {
      const timeline = await open(bytes);
      const from = within(history, share);
      const where = (batch: EventBatch, row: number): boolean => batch.length[row] > 0 && batch.bytes(row)[0] === byte;
      const isMeant = (batch: EventBatch, row: number): boolean =>
        (of === undefined || of.includes(kindOf(batch.kind[row]))) &&
        (at === undefined || batch.site[row] === at) &&
        (byte === undefined || where(batch, row));
      const meant = history.batches.flatMap((batch) =>
        Array.from({ length: batch.count }, (_, row) => row)
          .filter((row) => isMeant(batch, row))
          .map((row) => batch.firstMoment + row),
      );
      const expected = way === "forward" ? meant.find((moment) => moment >= from) : meant.findLast((moment) => moment < from);
      const found = await timeline.find({
        from,
        direction: way,
        ...(of === undefined ? {} : { kinds: of }),
        ...(at === undefined ? {} : { site: at }),
        ...(byte === undefined ? {} : { where }),
      });
      expect(found.kind === "found" ? found.event.moment : undefined).toBe(expected);
      met[expected === undefined ? "none" : "found"]++;
    }),
    { numRuns: 150 },
  );
  expect(Math.min(met.found, met.none)).toBeGreaterThan(9);
});

test("a search that is stopped says where it was", async () => {
  const history = historyOf(fc.sample(programs, { numRuns: 1, seed: 5 })[0]);
  const timeline = await open(recordingOf(history, { segments: { least: 8, eachFrame: 0, most: 8 } }));
  const told: (readonly [number, number])[] = [];
  const found = await timeline.find({
    from: 0,
    direction: "forward",
    where: () => false,
    progress: (done, of) => {
      told.push([done, of]);
      return done >= 16 ? "stop" : "go on";
    },
  });
  expect(found).toEqual({ kind: "stopped", moment: 16 });
  expect(told.at(-1)).toEqual([16, history.moments]);
});

/** Writes to a range, by looking through all events. */
function writesIn(history: History, paddr: number, byteCount: number, access: "write" | "load"): readonly MachineWrite[] {
  return history.batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, row): MachineWrite => {
      const { role } = catalogue[kindOf(batch.kind[row])];
      const isMeant = access === "write" ? role === "memory" : batch.kind[row] === catalogue.load.code;
      const [start, end] = [batch.paddr[row], batch.paddr[row] + batch.length[row]];
      return { moment: batch.firstMoment + row, isMeant: isMeant && start < paddr + byteCount && end > paddr, start, end };
    }).filter(({ isMeant }) => isMeant),
  );
}

interface MachineWrite {
  readonly moment: number;
  readonly isMeant: boolean;
  readonly start: number;
  readonly end: number;
}

test("the last and the next write, and all of a window, are those that looking through all events would find", async () => {
  const met = { last: 0, next: 0, several: 0, loads: 0 };
  const range = fc
    .tuple(fc.nat(frameCount * 4096 - 9000), fc.constantFrom(1, 8, 64, 4096, 9000))
    .map(([paddr, byteCount]) => ({ paddr, byteCount }));
  const used = fc.tuple(fc.nat(1000), fc.constantFrom(1, 8, 5000));
  await fc.assert(
    fc.asyncProperty(
      recorded,
      place,
      place,
      range,
      used,
      fc.constantFrom("write" as const, "write" as const, "load" as const),
      async ({ history, bytes }, one, other, anywhere, [nth, size], access) => {
        const timeline = await open(bytes);
        const all = writesIn(history, 0, frameCount * 4096, access);
        // Mostly where there is something to be found.
        const asked =
          nth < 200 || all.length === 0
            ? anywhere
            : { paddr: Math.min(all[nth % all.length].start, frameCount * 4096 - size), byteCount: size };
        const expected = writesIn(history, asked.paddr, asked.byteCount, access);
        const [from, to] = [within(history, Math.min(one, other)), within(history, Math.max(one, other))];
        const last = await timeline.lastWrite(asked, to, { access });
        const next = await timeline.nextWrite(asked, from, { access });
        expect(last?.moment).toBe(expected.findLast(({ moment }) => moment < to)?.moment);
        expect(next?.moment).toBe(expected.find(({ moment }) => moment >= from)?.moment);
        const found: number[] = [];
        for await (const write of timeline.writes(asked, from, to, { access })) found.push(write.moment);
        expect(found).toEqual(expected.map(({ moment }) => moment).filter((moment) => moment >= from && moment < to));
        met.last += last === undefined ? 0 : 1;
        met.next += next === undefined ? 0 : 1;
        met.several += found.length > 2 ? 1 : 0;
        met.loads += access === "load" && last !== undefined ? 1 : 0;
      },
    ),
    { numRuns: 150 },
  );
  expect(Math.min(met.last, met.next, met.several, met.loads)).toBeGreaterThan(2);
});

test("an event is what its batch says, alone as well", async () => {
  const history = historyOf(fc.sample(programs, { numRuns: 1, seed: 9 })[0]);
  const timeline = await open(recordingOf(history, { segments: { least: 20, eachFrame: 0, most: 20 } }));
  const expected = history.batches.flatMap((batch) => Array.from({ length: batch.count }, (_, row) => line(batch, row)));
  const events: MachineEvent[] = [];
  for (let moment = 0; moment < history.moments; moment += 7) events.push(await timeline.event(moment));
  expect(events.map(({ moment, kind }) => `${moment} ${kind}`)).toEqual(
    expected.filter((_, moment) => moment % 7 === 0).map((text) => text.split(" ").slice(0, 2).join(" ")),
  );
});
