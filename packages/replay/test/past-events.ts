// Laws of events: batches, searches and accesses are what looking through all events would find.

import { catalogue, kindNames, kindOf } from "@pagelapse/events";
import type { EventBatch, KindName } from "@pagelapse/events";
import fc from "fast-check";
import { frameCount, open, place, recorded } from "./history.ts";
import type { History, Trial } from "./history.ts";

/** Every column that an event's kind uses, as text, a line an event. */
export function linesOf(batches: Iterable<EventBatch>): readonly string[] {
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

const within = (history: History, share: number): number => Math.floor(share * history.moments);

/** Throws unless two lists are alike. */
function expectSame(found: readonly (string | number | undefined)[], expected: readonly (string | number | undefined)[]): void {
  const at = expected.findIndex((each, index) => each !== found[index]);
  if (found.length !== expected.length || at >= 0)
    throw new Error(`${found[at]} of ${found.length}: expected ${expected[at]} of ${expected.length}`);
}

/** Batches are those that were recorded, from any moment to any other. Returns the kinds that there were. */
export async function batchLaw(trial: Trial): Promise<ReadonlySet<KindName>> {
  const seen = new Set<KindName>();
  await fc.assert(
    fc.asyncProperty(recorded, place, place, async ({ history, bytes }, one, other) => {
      const timeline = await open(bytes);
      const read = async (from: number, to: number): Promise<readonly string[]> => {
        const batches: EventBatch[] = [];
        for await (const batch of timeline.batches(from, to)) batches.push(batch);
        return linesOf(batches);
      };
      const [from, to] = [within(history, Math.min(one, other)), within(history, Math.max(one, other))];
      const expected = linesOf(history.batches);
      expectSame(await read(0, history.moments), expected);
      expectSame(await read(from, to), expected.slice(from, to));
      for (const batch of history.batches) batch.kind.forEach((code) => seen.add(kindOf(code)));
    }),
    trial,
  );
  return seen;
}

/** A search by kind, site and value finds the nearest. Returns how often there was one, and none. */
export async function searchLaw(trial: Trial): Promise<Readonly<Record<"found" | "none", number>>> {
  const met = { found: 0, none: 0 };
  const kinds = fc.option(fc.subarray([...kindNames()], { minLength: 1, maxLength: 3 }), { nil: undefined });
  const site = fc.option(fc.constantFrom(0, 0x40_0000_0001, 0x40_0000_0003, 7), { nil: undefined });
  const value = fc.option(fc.nat(3), { nil: undefined });
  const direction = fc.constantFrom("forward" as const, "back" as const);
  await fc.assert(
    fc.asyncProperty(recorded, place, direction, kinds, site, value, async ({ history, bytes }, share, way, of, at, byte) => {
      const timeline = await open(bytes);
      const from = within(history, share);
      const where = (batch: EventBatch, row: number): boolean =>
        catalogue[kindOf(batch.kind[row])].columns.includes("bytes") && batch.bytes(row)[0] === byte;
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
      expectSame([found.kind === "found" ? found.event.moment : undefined], [expected]);
      met[expected === undefined ? "none" : "found"]++;
    }),
    trial,
  );
  return met;
}

/** Moments of the accesses to a range, and where they begin, by looking through all events. */
function accessesIn(history: History, paddr: number, byteCount: number, access: "write" | "load"): readonly Access[] {
  return history.batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, row): Access => {
      const { role } = catalogue[kindOf(batch.kind[row])];
      const isMeant = access === "write" ? role === "memory" : batch.kind[row] === catalogue.load.code;
      const [start, end] = [batch.paddr[row], batch.paddr[row] + batch.length[row]];
      return { moment: batch.firstMoment + row, start, isMeant: isMeant && start < paddr + byteCount && end > paddr };
    }).filter(({ isMeant }) => isMeant),
  );
}

interface Access {
  readonly moment: number;
  readonly start: number;
  readonly isMeant: boolean;
}

/** The last and the next access, and all of a window. Returns how often there were some. */
export async function accessLaw(trial: Trial): Promise<Readonly<Record<"last" | "next" | "several" | "loads", number>>> {
  const met = { last: 0, next: 0, several: 0, loads: 0 };
  const memory = frameCount * 4096;
  const range = fc.record({ paddr: fc.nat(memory - 9000), byteCount: fc.constantFrom(1, 8, 64, 4096, 9000) });
  const known = fc.tuple(fc.nat(1000), fc.constantFrom(1, 8, 5000), fc.constantFrom(0, 0, 5, 12));
  const kind = fc.constantFrom("write" as const, "write" as const, "load" as const);
  await fc.assert(
    fc.asyncProperty(
      recorded,
      place,
      place,
      range,
      known,
      kind,
      async ({ history, bytes }, one, other, any, [nth, size, shift], access) => {
        const timeline = await open(bytes);
        const all = accessesIn(history, 0, memory, access);
        // Mostly where there is something to be found.
        const asked =
          nth < 200 || all.length === 0
            ? any
            : { paddr: Math.min(all[nth % all.length].start + shift, memory - size), byteCount: size };
        const expected = accessesIn(history, asked.paddr, asked.byteCount, access).map(({ moment }) => moment);
        const [from, to] = [within(history, Math.min(one, other)), within(history, Math.max(one, other))];
        const last = await timeline.lastWrite(asked, to, { access });
        const next = await timeline.nextWrite(asked, from, { access });
        const found: number[] = [];
        for await (const write of timeline.writes(asked, from, to, { access })) found.push(write.moment);
        expectSame([last?.moment], [expected.findLast((moment) => moment < to)]);
        expectSame([next?.moment], [expected.find((moment) => moment >= from)]);
        expectSame(
          found,
          expected.filter((moment) => moment >= from && moment < to),
        );
        met.last += last === undefined ? 0 : 1;
        met.next += next === undefined ? 0 : 1;
        met.several += found.length > 2 ? 1 : 0;
        met.loads += access === "load" && last !== undefined ? 1 : 0;
      },
    ),
    trial,
  );
  return met;
}
