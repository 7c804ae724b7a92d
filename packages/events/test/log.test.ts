import { EventBatch, EventLog, MachineEvent, catalogue, kindNames, kindOf } from "@pagelapse/events";
import { batchesOf, eventsOf } from "@pagelapse/events/rx";
import fc from "fast-check";
import { filter, map } from "rxjs";
import { expect, test } from "vitest";

/** One thing appended; what a log must give back is worked out from this alone. */
type Entry =
  | { readonly how: "store"; readonly vaddr: number; readonly paddr: number; readonly bytes: readonly number[] }
  | { readonly how: "bytes"; readonly vaddr: number; readonly paddr: number; readonly bytes: readonly number[] }
  | { readonly how: "note"; readonly vaddr: number; readonly paddr: number; readonly length: number }
  | { readonly how: "detail"; readonly name: string }
  | { readonly how: "copied"; readonly paddr: number; readonly from: number }
  | { readonly how: "flush" };

const vaddr = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, 2 ** 47 - 1));
const paddr = fc.nat(2 ** 32 - 1);
const bytes = (most: number): fc.Arbitrary<number[]> => fc.array(fc.nat(255), { minLength: 1, maxLength: most, size: "max" });
const entries: fc.Arbitrary<Entry[]> = fc.array(
  fc.oneof(
    fc.record({ how: fc.constant("store" as const), vaddr, paddr, bytes: bytes(64) }),
    fc.record({ how: fc.constant("bytes" as const), vaddr, paddr, bytes: bytes(200) }),
    fc.record({ how: fc.constant("note" as const), vaddr, paddr, length: fc.nat(4096) }),
    fc.record({ how: fc.constant("detail" as const), name: fc.string() }),
    fc.record({ how: fc.constant("copied" as const), paddr, from: paddr }),
    fc.constant<Entry>({ how: "flush" }),
  ),
  { maxLength: 80, size: "max" },
);

function append(log: EventLog, entry: Entry): void {
  switch (entry.how) {
    case "store": {
      const words = new Uint32Array(18);
      new Uint8Array(words.buffer).set(entry.bytes, 8);
      return log.store(Math.floor(entry.vaddr / 2 ** 32), entry.vaddr & 0xffff_ffff, entry.paddr, words, 2, entry.bytes.length);
    }
    case "bytes":
      return log.bytes(catalogue["kernel-store"].code, entry.vaddr, entry.paddr, Uint8Array.from(entry.bytes));
    case "note":
      return log.note(catalogue.load.code, entry.vaddr, entry.paddr, entry.length);
    case "detail":
      return log.detail(catalogue["system-called"].code, { name: entry.name });
    case "copied":
      return log.copied(0, entry.paddr, entry.from, 4096);
    case "flush":
      return log.flush();
  }
}

function expected(entry: Entry): object | undefined {
  switch (entry.how) {
    case "store":
    case "bytes":
      return {
        kind: entry.how === "store" ? "store" : "kernel-store",
        vaddr: entry.vaddr,
        paddr: entry.paddr,
        bytes: [...entry.bytes],
      };
    case "note":
      return { kind: "load", vaddr: entry.vaddr, paddr: entry.paddr, length: entry.length };
    case "detail":
      return { kind: "system-called", name: entry.name };
    case "copied":
      return { kind: "frame-copied", paddr: entry.paddr, from: entry.from };
    case "flush":
      return undefined;
  }
}

function seen(event: MachineEvent): object {
  const { kind, vaddr, paddr, length } = event;
  if (kind === "store" || kind === "kernel-store") return { kind, vaddr, paddr, bytes: [...event.bytes] };
  if (kind === "load") return { kind, vaddr, paddr, length };
  if (kind === "frame-copied") return { kind, paddr, from: event.from };
  return { kind, ...event.detail };
}

/** Every event of a small log, as a subscriber that keeps what `keep` makes of a batch has it at the end. */
function through(
  sequence: readonly Entry[],
  keep: (batch: EventBatch) => EventBatch,
  log = new EventLog(7, 64),
): readonly MachineEvent[] {
  const kept: EventBatch[] = [];
  log.listen((batch) => kept.push(keep(batch)));
  for (const entry of sequence) append(log, entry);
  log.flush();
  return kept.flatMap((batch) => Array.from({ length: batch.count }, (_, row) => new MachineEvent(batch, row)));
}

function isFaithful(sequence: readonly Entry[], keep: (batch: EventBatch) => EventBatch, log?: EventLog): boolean {
  const events = through(sequence, keep, log);
  const wanted = sequence.map(expected).filter((entry) => entry !== undefined);
  return (
    JSON.stringify(events.map(seen)) === JSON.stringify(wanted) &&
    events.every((event, index) => event.moment === index && event.origin >= 0)
  );
}

test("what is appended is what comes out, in order and numbered, whatever the size of a batch", () => {
  fc.assert(
    fc.property(entries, (sequence) => isFaithful(sequence, (batch) => batch.copy())),
    { numRuns: 300 },
  );
});

class LosesLongStores extends EventLog {
  override store(high: number, low: number, at: number, words: Uint32Array, index: number, size: number): void {
    super.store(high, low, at, words, index, Math.min(size, 32));
  }
}
class DropsTheTopBit extends EventLog {
  override copied(at: number, to: number, from: number, length: number): void {
    super.copied(at, to, from & 0x7fff_ffff, length);
  }
}

test.each<[string, (batch: EventBatch) => EventBatch, () => EventLog]>([
  ["a subscriber that keeps a lent batch", (batch) => batch, () => new EventLog(7, 64)],
  ["a log that cuts long stores", (batch) => batch.copy(), () => new LosesLongStores(7, 64)],
  ["a log that drops the top bit of an address", (batch) => batch.copy(), () => new DropsTheTopBit(7, 64)],
])("%s is found out", (_, keep, log) => {
  const { failed } = fc.check(
    fc.property(entries, (sequence) => isFaithful(sequence, keep, log())),
    { numRuns: 300, seed: 3 },
  );
  expect(failed).toBe(true);
});

test("events$ gives objects that may be kept, and costs nothing until somebody subscribes", () => {
  const log = new EventLog(4, 64);
  const kept: MachineEvent[] = [];
  const subscription = eventsOf(batchesOf(log))
    .pipe(
      filter((event) => event.kind === "load"),
      map((event) => event),
    )
    .subscribe((event) => kept.push(event));
  for (let i = 0; i < 10; i++) append(log, { how: "note", vaddr: i, paddr: 0, length: 8 });
  log.flush();
  subscription.unsubscribe();
  append(log, { how: "note", vaddr: 99, paddr: 0, length: 8 });
  log.flush();
  expect(kept.map((event) => event.vaddr)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("a listener that executes a command is told so", () => {
  const log = new EventLog(4, 64);
  log.listen(() => log.flush());
  append(log, { how: "note", vaddr: 0, paddr: 0, length: 1 });
  expect(() => log.flush()).toThrow("a listener of the event log has executed a command");
});

test("bytes that fit in no batch are refused", () => {
  expect(() => new EventLog(4, 64).bytes(catalogue["frame-filled"].code, 0, 0, new Uint8Array(600))).toThrow("600 bytes");
});

test("an event prints as the columns of its kind", () => {
  const log = new EventLog();
  log.site = 0x401000;
  const [event] = through([{ how: "store", vaddr: 0x1234, paddr: 0x5678, bytes: [1, 255] }], (batch) => batch.copy(), log);
  expect(JSON.parse(JSON.stringify(event))).toEqual({
    moment: 0,
    kind: "store",
    task: 0,
    processor: 0,
    vaddr: 0x1234,
    paddr: 0x5678,
    length: 2,
    bytes: "01ff",
    site: 0x401000,
    origin: 8,
  });
});

test("codes name kinds both ways, and no two share one", () => {
  const codes = kindNames().map((name) => catalogue[name].code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const name of kindNames()) expect(kindOf(catalogue[name].code)).toBe(name);
  expect(() => kindOf(200)).toThrow("200");
});

test("a batch in a shared buffer is read by whoever has the buffer", () => {
  const [rows, slots] = [3, 5];
  const buffer = new SharedArrayBuffer(EventBatch.byteCountOf(rows, slots));
  const [written, read] = [new EventBatch(rows, slots, buffer), new EventBatch(rows, slots, buffer)];
  const log = new EventLog(rows, 64);
  log.site = 0x401000;
  log.listen((batch) => batch.copyTo(written));
  append(log, { how: "store", vaddr: 0x1234, paddr: 0x5678, bytes: [1, 255] });
  append(log, { how: "note", vaddr: 9, paddr: 8, length: 7 });
  log.flush();
  read.count = written.count;
  const json = (batch: EventBatch): string => JSON.stringify([0, 1].map((row) => new MachineEvent(batch, row)));
  expect(json(read)).toBe(json(written));
  expect(read.vaddr[1]).toBe(9);
});
