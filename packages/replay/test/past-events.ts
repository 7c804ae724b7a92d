// Laws of events: batches, searches and accesses are what looking through all events would find.

import { catalogue, kindNames, kindOf } from "@pagelapse/events";
import type { EventBatch, KindName } from "@pagelapse/events";
import fc from "fast-check";
import type { AddressRange } from "@pagelapse/replay";
import { foldTo, frameCount, open, place, recorded } from "./history.ts";
import type { History, Trial } from "./history.ts";
import { at } from "./program.ts";

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

/** Now and then: of too much together there is nothing. */
function maybe<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

const queries = fc.record({
  kinds: maybe(fc.subarray([...kindNames()], { minLength: 1, maxLength: 20 })),
  site: maybe(fc.constantFrom(0, 0x40_0000_0001, 0x40_0000_0003, 7)),
  value: maybe(fc.nat(3)),
  bytes: maybe(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 9 }))),
  range: maybe(
    fc.record({
      space: fc.constantFrom("virtual" as const, "physical" as const),
      page: fc.nat(60),
      offset: fc.constantFrom(0, 8, 2048, 4092),
      byteCount: fc.constantFrom(1, 8, 5000),
    }),
  ),
});

/** A search by kind, site, range, bytes and value finds the nearest. Returns how often there was one, none, and one of each sort. */
export async function searchLaw(trial: Trial): Promise<Readonly<Record<"found" | "none" | "ranges" | "bytes" | "rows", number>>> {
  const met = { found: 0, none: 0, ranges: 0, bytes: 0, rows: 0 };
  const direction = fc.constantFrom("forward" as const, "back" as const);
  await fc.assert(
    fc.asyncProperty(recorded, place, direction, queries, async ({ history, bytes }, share, way, asked) => {
      const timeline = await open(bytes);
      const from = within(history, share);
      const wanted = asked.bytes === undefined ? undefined : new Uint8Array(asked.bytes[1]).fill(asked.bytes[0]);
      const range = asked.range === undefined ? undefined : rangeOf(asked.range);
      const where = (batch: EventBatch, row: number): boolean =>
        catalogue[kindOf(batch.kind[row])].columns.includes("bytes") && batch.bytes(row)[0] === asked.value;
      const isMeant = (batch: EventBatch, row: number): boolean =>
        (asked.kinds === undefined || asked.kinds.includes(kindOf(batch.kind[row]))) &&
        (asked.site === undefined || batch.site[row] === asked.site) &&
        (range === undefined || touches(batch, row, range)) &&
        (wanted === undefined || writes(history, batch, row, wanted)) &&
        (asked.value === undefined || where(batch, row));
      const meant = history.batches.flatMap((batch) =>
        Array.from({ length: batch.count }, (_, row) => row)
          .filter((row) => isMeant(batch, row))
          .map((row) => batch.firstMoment + row),
      );
      const expected = way === "forward" ? meant.find((moment) => moment >= from) : meant.findLast((moment) => moment < from);
      const found = await timeline.find({
        from,
        direction: way,
        ...(asked.kinds === undefined ? {} : { kinds: asked.kinds }),
        ...(asked.site === undefined ? {} : { site: asked.site }),
        ...(range === undefined ? {} : { range }),
        ...(wanted === undefined ? {} : { bytes: wanted }),
        ...(asked.value === undefined ? {} : { where }),
      });
      expectSame([found.kind === "found" ? found.event.moment : undefined], [expected]);
      met[expected === undefined ? "none" : "found"]++;
      if (expected === undefined) return;
      met.ranges += range === undefined ? 0 : 1;
      met.bytes += wanted === undefined ? 0 : 1;
      met.rows += asked.value === undefined ? 0 : 1;
    }),
    trial,
  );
  return met;
}

function rangeOf({
  space,
  page,
  offset,
  byteCount,
}: {
  space: "virtual" | "physical";
  page: number;
  offset: number;
  byteCount: number;
}): AddressRange {
  const start = space === "virtual" ? at(page % 8, offset) : (page % (frameCount - 2)) * 4096 + offset;
  return { space, start, byteCount };
}

function touches({ kind, vaddr, paddr, length }: EventBatch, row: number, { space, start, byteCount }: AddressRange): boolean {
  const { role } = catalogue[kindOf(kind[row])];
  if (role !== "memory" && kind[row] !== catalogue.load.code) return false;
  const isTold = space === "physical" || (vaddr[row] > 0 && vaddr[row] % 4096 === paddr[row] % 4096);
  const address = space === "physical" ? paddr[row] : vaddr[row];
  return isTold && address < start + byteCount && address + length[row] > start;
}

/** Whether an event writes bytes among which these stand. What a copied frame held is folded from what happened before. */
function writes(history: History, batch: EventBatch, row: number, wanted: Uint8Array): boolean {
  const kind = kindOf(batch.kind[row]);
  if (catalogue[kind].role !== "memory" || kind === "frame-zeroed") return false;
  if (kind !== "frame-copied") return Buffer.from(batch.bytes(row)).includes(Buffer.from(wanted));
  const { ram } = foldTo(history, batch.firstMoment + row + 1);
  return Buffer.from(ram.frame(batch.paddr[row] / 4096)).includes(Buffer.from(wanted));
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
