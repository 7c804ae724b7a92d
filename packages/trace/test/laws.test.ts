import { Machine } from "@pagelapse/kernel";
import type { Command, Result } from "@pagelapse/kernel";
import { TraceChunks } from "@pagelapse/trace";
import type { TraceChunk } from "@pagelapse/trace";
import { MADV_DONTNEED, MAP_GROWSDOWN, areaAt, protOf } from "@pagelapse/vma";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Program, steps } from "./program.ts";
import type { Step } from "./program.ts";
import { replay, seen } from "./replay.ts";

const frameCount = 512;

function programOf(history: readonly Step[]): Program {
  const program = new Program();
  for (const step of history) program.perform(step);
  return program;
}

/** The machine ends with the program's memory, rights and all. */
function agrees(history: readonly Step[], machine: Machine): Program {
  const program = programOf(history);
  const { decoder } = replay(program.stream(), { machine });
  expect(decoder.final).toMatchObject({ wrongBytes: 0, unknownBytes: 0, missingPages: 0, extraPages: 0 });
  const rights = program.sorted().map(([address]) => {
    const area = areaAt(machine.space.areas, address);
    return area === undefined ? undefined : protOf(area.flags);
  });
  expect(rights).toEqual(program.sorted().map(([, { prot }]) => prot));
  return program;
}

test("a machine ends with the memory of the program that was recorded", () => {
  const met = new Map<string, number>();
  fc.assert(
    fc.property(steps, (history) => {
      for (const state of agrees(history, new Machine({ frameCount })).met) met.set(state, (met.get(state) ?? 0) + 1);
    }),
    { numRuns: 200 },
  );
  const states = [
    "stored",
    "stored across",
    "kernel-wrote",
    "kernel-wrote across",
    "zeroed",
    "content-told",
    "moved",
    "break-up",
    "break-down",
    "stack-grew",
    "mapped anonymous object",
    "mapped anonymous number",
    "mapped /lib/known object",
    "mapped /lib/unknown number",
  ];
  expect(states.filter((state) => (met.get(state) ?? 0) < 20)).toEqual([]);
});

/** A machine to which something else is done than was decoded. */
function misled(mislead: (command: Command) => Command | undefined): () => Machine {
  class Misled extends Machine {
    override execute(command: Command): Result {
      const instead = mislead(command);
      return instead === undefined ? { kind: "done", value: 0 } : super.execute(instead);
    }
  }
  return () => new Misled({ frameCount });
}
class Clipping extends Machine {
  override store(high: number, low: number, words: Uint32Array, at: number, size: number): number {
    return super.store(high, low, words, at, Math.min(size, 32));
  }
}
const unless = (kind: Command["kind"], matches: (command: Command) => boolean = () => true): (() => Machine) =>
  misled((command) => (command.kind === kind && matches(command) ? undefined : command));

test.each<readonly [string, () => Machine]>([
  ["a kernel write that is dropped", unless("kernel-store")],
  [
    "a kernel write one byte short",
    misled((command) => (command.kind === "kernel-store" ? { ...command, bytes: command.bytes.subarray(1) } : command)),
  ],
  ["content that is dropped", unless("provide-file", (command) => command.kind === "provide-file" && command.bytes.length > 0)],
  [
    "content a page too far",
    misled((command) => (command.kind === "provide-file" ? { ...command, offset: command.offset + 4096 } : command)),
  ],
  [
    "content by another mapping's label",
    misled((command) => ("file" in command && command.file !== undefined ? { ...command, file: "/lib/known" } : command)),
  ],
  [
    "a stack that does not grow",
    misled((command) => (command.kind === "map-memory" ? { ...command, flags: command.flags & ~MAP_GROWSDOWN } : command)),
  ],
  [
    "advice not taken",
    unless("advise-memory", (command) => command.kind === "advise-memory" && command.advice === MADV_DONTNEED),
  ],
  ["a break that stays", unless("map-memory", (command) => command.kind === "map-memory" && command.name === "[heap]")],
  [
    "a break with the rights of data",
    misled((command) => (command.kind === "map-memory" && command.name === "[heap]" ? { ...command, prot: 3 } : command)),
  ],
  ["a move that does not happen", unless("move-memory")],
  ["an unmapping that does not happen", unless("unmap-memory")],
  ["a protection not changed", unless("protect-memory")],
  ["stores cut at 32 bytes", () => new Clipping({ frameCount })],
])("%s is found out", (_, machine) => {
  expect(
    fc.check(
      fc.property(steps, (history) => void agrees(history, machine())),
      { numRuns: 100, seed: 7, endOnFailure: true },
    ).failed,
  ).toBe(true);
});

const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5000 })), {
  minLength: 1,
  maxLength: 20,
});

/** However a stream is cut, and wherever it ends, the same is seen of it. */
function cutsDoNotMatter(make: () => TraceChunks): fc.IPropertyWithHooks<[Step[], number[], number]> {
  return fc.property(steps, cuts, fc.double({ min: 0.5, max: 1.2, noNaN: true }), (history, lengths, share) => {
    const bytes = programOf(history).stream();
    const part = bytes.subarray(0, Math.ceil(bytes.length * share));
    expect(seen(part, { chunks: make(), cuts: lengths })).toEqual(seen(part));
  });
}

test("a stream is the same in one block and in many", () => {
  const law = cutsDoNotMatter(() => new TraceChunks());
  expect(() => fc.assert(law, { numRuns: 100 })).not.toThrow();
});

test("a stream is the same byte by byte", () => {
  const [history] = fc.sample(steps, { numRuns: 1, seed: 11 });
  const bytes = programOf(history).stream();
  expect(seen(bytes, { cuts: [1] })).toEqual(seen(bytes));
});

test("blocks longer than the buffer are taken in parts", () => {
  const [history] = fc.sample(steps, { numRuns: 1, seed: 11 });
  const bytes = programOf([...history, ...history, ...history]).stream();
  expect(bytes.length).toBeGreaterThan(70_000);
  expect(seen(bytes, { chunks: new TraceChunks(65_544) })).toEqual(seen(bytes, { chunks: new TraceChunks() }));
});

/** Chunks that tell a decoder something wrong, or take its answer wrongly. */
function miscut(mislead: (chunk: TraceChunk, decode: (chunk: TraceChunk) => number) => number): () => TraceChunks {
  class Miscut extends TraceChunks {
    override feed(block: Uint8Array, decode: (chunk: TraceChunk) => number): void {
      super.feed(block, (chunk) => mislead(chunk, decode));
    }
  }
  return () => new Miscut();
}

test.each<readonly [string, () => TraceChunks]>([
  ["a chunk that forgets where it stands", miscut((chunk, decode) => decode({ ...chunk, offset: 0 }))],
  ["a decoder asked to decode what it has taken", miscut((chunk, decode) => Math.max(chunk.start, decode(chunk) - 8))],
  ["bytes lost between two chunks", miscut((chunk, decode) => Math.min(chunk.end, decode(chunk) + 8))],
  ["a chunk without its last word", miscut((chunk, decode) => decode({ ...chunk, end: Math.max(chunk.start, chunk.end - 8) }))],
])("%s is found out", (_, make) => {
  expect(fc.check(cutsDoNotMatter(make), { numRuns: 100, seed: 7, endOnFailure: true }).failed).toBe(true);
});

test("the same stream gives the same events", () => {
  fc.assert(
    fc.property(steps, (history) => {
      expect(seen(programOf(history).stream())).toEqual(seen(programOf(history).stream()));
    }),
    { numRuns: 20 },
  );
});
