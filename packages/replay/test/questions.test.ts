import { isDeepStrictEqual } from "node:util";
import { peekPage } from "@pagelapse/checkpoint";
import { EventBatch, EventLog, catalogue, kindOf } from "@pagelapse/events";
import { Machine, OutOfFrames } from "@pagelapse/kernel";
import { frameBytes } from "@pagelapse/mmu";
import type { PhysicalMemory } from "@pagelapse/mmu";
import { MemorySink, Recorder, branch, differencesOf } from "@pagelapse/replay";
import type { PastView } from "@pagelapse/replay";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf, foldTo, frameCount, historyOf, open, place, recordingOf, tinyMachine } from "./history.ts";
import type { History } from "./history.ts";
import { at, programs } from "./program.ts";

const small = { segments: { least: 40, eachFrame: 0, most: 40 }, copies: { weight: 300, touch: 40 } };

test("dropping the notes changes nothing of memory and state", async () => {
  await fc.assert(
    fc.asyncProperty(programs, place, async (program, share) => {
      const history = historyOf(program);
      const { facts, factsBefore } = withoutNotes(history);
      const [whole, bare] = [await open(recordingOf(history, small)), await open(recordingOf(facts, small))];
      const moment = Math.floor(share * history.moments);
      expect(await bare.look(factsBefore(moment), digestOf)).toBe(await whole.look(moment, digestOf));
    }),
    { numRuns: 60 },
  );
});

/** The history's facts alone, and how many of them there are before a moment. */
function withoutNotes(history: History): { facts: History; factsBefore: (moment: number) => number } {
  const kept: number[] = [];
  let moments = 0;
  const batches = history.batches.map((batch) => {
    const facts = new EventBatch(batch.count, batch.slotCount);
    facts.heap.set(batch.heap.subarray(0, facts.heap.length));
    facts.firstMoment = moments;
    for (let row = 0; row < batch.count; row++) {
      if (catalogue[kindOf(batch.kind[row])].role === "note") continue;
      for (const column of ["kind", "task", "processor", "vaddr", "paddr", "length", "data", "site", "origin"] as const) {
        facts[column][facts.count] = batch[column][row];
      }
      const detail = batch.details.get(row);
      if (detail !== undefined) facts.details.set(facts.count, detail);
      kept.push(batch.firstMoment + row);
      facts.count++;
    }
    moments += facts.count;
    return facts;
  });
  return {
    facts: { batches: batches.filter(({ count }) => count > 0), moments, tlbs: new Map() },
    factsBefore: (moment) => kept.filter((each) => each < moment).length,
  };
}

test("a branch goes on as the machine did: the same events, from any command on", async () => {
  await fc.assert(
    fc.asyncProperty(programs, place, async (program, share) => {
      const [first, rest] = [
        program.slice(0, Math.floor(share * program.length)),
        program.slice(Math.floor(share * program.length)),
      ];
      const history = historyOf(first);
      const timeline = await open(recordingOf(history, small));
      const log = new EventLog();
      const events: string[] = [];
      const machine = await branch(timeline, timeline.moments, { log, loads: "recorded" });
      log.listen((batch) => events.push(...linesOf(batch)));
      const original: string[] = [];
      for (const batch of historyOf(program).batches) original.push(...linesOf(batch));
      for (const command of rest) {
        try {
          machine.execute(command);
        } catch (reason) {
          if (!(reason instanceof OutOfFrames)) throw reason;
        }
      }
      machine.flush();
      expect(events).toEqual(original.slice(history.moments));
    }),
    { numRuns: 60 },
  );
});

/** What happens, without where in the trace it stands. */
function linesOf(batch: EventBatch): readonly string[] {
  return Array.from({ length: batch.count }, (_, row) => {
    const kind = kindOf(batch.kind[row]);
    const bytes = catalogue[kind].columns.includes("bytes") ? batch.bytes(row).join() : "";
    const numbers = [batch.task, batch.processor, batch.vaddr, batch.paddr, batch.length].map((column) => column[row]);
    return `${kind} ${numbers.join()} ${bytes} ${JSON.stringify(batch.details.get(row))}`;
  });
}

test("a branch from the first moment is a machine that ran nothing", async () => {
  const history = historyOf(fc.sample(programs, { numRuns: 1, seed: 3 })[0]);
  const timeline = await open(recordingOf(history));
  const machine = await branch(timeline, 0);
  const { ramFrames, swapFrames, processors, tlb } = tinyMachine;
  const fresh = new Machine({ frameCount: ramFrames, swapFrames, processors, tlb });
  expect(digestOf(machine)).toBe(digestOf(fresh));
});

test("differences are the pages, areas and members of the state that are not alike", async () => {
  const met = { changed: 0, appeared: 0, vanished: 0, areas: 0 };
  await fc.assert(
    fc.asyncProperty(programs, place, place, async (program, one, other) => {
      const history = historyOf(program);
      const timeline = await open(recordingOf(history, small));
      // Before the task begins there is nothing to compare.
      const moments = [...history.tlbs.keys()];
      const [from, to] = [one, other].map((share) => moments[Math.min(moments.length - 1, Math.floor(share * moments.length))]);
      const { pages, areasBefore, areasAfter, state } = await differencesOf(timeline, from, to, 0);
      const [before, after] = [await pagesOf(timeline, from), await pagesOf(timeline, to)];
      const changed = [...before].filter(
        ([vaddr, bytes]) => after.has(vaddr) && Buffer.compare(bytes, after.get(vaddr) ?? bytes) !== 0,
      );
      expect(pages.filter(({ kind }) => kind === "changed").map(({ vaddr }) => vaddr)).toEqual(changed.map(([vaddr]) => vaddr));
      for (const { vaddr, kind } of pages) {
        met[kind]++;
        if (kind === "appeared") expect([before.has(vaddr), after.has(vaddr)]).toEqual([false, true]);
        if (kind === "vanished") expect([before.has(vaddr), after.has(vaddr)]).toEqual([true, false]);
      }
      const [left, right] = [foldTo(history, from).state, foldTo(history, to).state];
      expect(state.length > 0).toBe(!isDeepStrictEqual(left, right));
      expect(areasBefore.length + areasAfter.length > 0).toBe(!isDeepStrictEqual(left.tasks[0].areas, right.tasks[0].areas));
      met.areas += areasAfter.length;
    }),
    { numRuns: 80 },
  );
  expect(
    Object.values(met).every((count) => count > 3),
    JSON.stringify(met),
  ).toBe(true);
});

/** The mapped pages of the window, as task 0 sees them at a moment. */
async function pagesOf(timeline: Awaited<ReturnType<typeof open>>, moment: number): Promise<ReadonlyMap<number, Uint8Array>> {
  return timeline.look(moment, (view) => {
    const pages = new Map<number, Uint8Array>();
    for (let page = 0; page < 16; page++) {
      const bytes = new Uint8Array(frameBytes);
      if (peekPage(view.process(0), at(page), bytes) !== "unmapped") pages.set(at(page), bytes);
    }
    return pages;
  });
}

/** A synthetic log of stores of a byte or a word, to any of these frames. */
function scattered(stores: number, frames: number, size: number): EventBatch[] {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const batches: EventBatch[] = [];
  const log = new EventLog();
  log.listen((batch) => batches.push(batch.copy()));
  const words = new Uint32Array(2);
  for (let i = 0; i < stores; i++) {
    const paddr = random(frames) * frameBytes + random(frameBytes / 8) * 8;
    words[0] = i;
    log.store(0, paddr, paddr, words, 0, size);
  }
  log.flush();
  return batches;
}

/** A recording of scattered stores in segments of a thousand. */
function scatteredRecording(frames: number, size: number, few: number): Uint8Array {
  const sink = new MemorySink();
  const machine = { ...tinyMachine, ramFrames: 4096, swapFrames: 0 };
  const recorder = new Recorder({ sink, machine, segments: { least: 1000, eachFrame: 0, most: 1000 }, fewKeys: few });
  for (const batch of scattered(60_000, frames, size)) recorder.add(batch);
  recorder.close();
  return sink.bytes;
}

/** Stores, and the most that a look at one frame reads from an empty reader. */
describe.each([
  ["bytes over 4,096 frames", 4096, 1, 0, 24, 32_768],
  ["bytes over 4,096 frames, packed", 4096, 1, 1024, 52, 131_072],
  ["words over 600 frames", 600, 8, 0, 24, 32_768],
  ["words over 3 frames", 3, 8, 0, 20, 49_152],
] as const)("of %s", (_, frames, size, few, reads, bytesRead) => {
  test("a look at a frame visits 16 segments at most, and reads no more than is said", async () => {
    const bytes = scatteredRecording(frames, size, few);
    const most = { segments: 0, reads: 0, bytesRead: 0 };
    for (let look = 0; look < 200; look++) {
      const timeline = await open(bytes);
      expect(timeline.cost.reads).toBe(4);
      const view = await timeline.at((look * 7919) % timeline.moments);
      const before = { ...timeline.cost };
      await timeline.fetch(view, [(look * 31) % frames]);
      most.segments = Math.max(most.segments, timeline.cost.mostSegments);
      most.reads = Math.max(most.reads, timeline.cost.reads - before.reads);
      most.bytesRead = Math.max(most.bytesRead, timeline.cost.bytesRead - before.bytesRead);
    }
    expect(most.segments).toBeLessThanOrEqual(16);
    expect(most.reads).toBeLessThanOrEqual(reads);
    expect(most.bytesRead).toBeLessThanOrEqual(bytesRead);
  });
});

test("a cold walk takes as many rounds as tables have levels, for any number of pages", async () => {
  const history = historyOf([
    { kind: "map-memory", start: at(0), byteCount: 8 * frameBytes, prot: 3, flags: 0x32 },
    ...Array.from({ length: 8 }, (_, page) => ({ kind: "store", vaddr: at(page), bytes: Uint8Array.of(page + 1) }) as const),
  ]);
  const timeline = await open(recordingOf(history));
  let rounds = 0;
  const found = await timeline.look(timeline.moments, (view) => {
    rounds++;
    const page = new Uint8Array(frameBytes);
    return Array.from({ length: 8 }, (_, index) => {
      peekPage(view.process(), at(index), page);
      return page[0];
    });
  });
  expect(found).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(rounds).toBeLessThanOrEqual(timeline.architecture.levels.length + 2);
});

test("a reader that does not end over missing frames is ended, and what it throws over whole ones is thrown", async () => {
  const history = historyOf([{ kind: "map-memory", start: at(0), byteCount: frameBytes, prot: 3, flags: 0x32 }]);
  const timeline = await open(recordingOf(history));
  const waiting = (memory: PhysicalMemory): number => {
    while (memory.readWord(0x1000 - 0x1000 + 4) === 0);
    return memory.readWord(4);
  };
  expect(await timeline.look(timeline.moments, ({ memory }: PastView) => waiting(memory))).toBeGreaterThan(0);
  await expect(
    timeline.look(3, ({ memory }) => {
      throw new Error(`word ${memory.readWord(8)}`);
    }),
  ).rejects.toThrow(/^word \d+$/);
  const view = await timeline.at(3);
  expect(() => view.memory.readWord(0)).toThrow("no frame");
  await expect(timeline.at(timeline.moments + 1)).rejects.toThrow(RangeError);
});

test("ten thousand looks at random moments keep no more than the cache may", async () => {
  const history = historyOf(fc.sample(programs, { numRuns: 1, seed: 11 })[0]);
  const cacheBytes = 100_000;
  const timeline = await open(recordingOf(history, small), { cacheBytes });
  let [seed, most] = [1, 0];
  for (let look = 0; look < 10_000; look++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const view = await timeline.at(seed % (timeline.moments + 1));
    await timeline.fetch(view, [seed % frameCount]);
    most = Math.max(most, timeline.recording.cache.byteCount);
  }
  expect(most).toBeLessThanOrEqual(cacheBytes);
});

test("the same batches give the same bytes, however they were cut", () => {
  const history = historyOf(fc.sample(programs, { numRuns: 1, seed: 12 })[0]);
  expect(Buffer.compare(recordingOf(history, small), recordingOf(history, small))).toBe(0);
  const [first] = history.batches;
  const recorder = new Recorder({ sink: new MemorySink(), machine: tinyMachine });
  recorder.add(first);
  expect(() => recorder.add(first)).toThrow(`expected event ${first.count}`);
});

test("what was flushed can be read while the recorder goes on", async () => {
  const history = historyOf(fc.sample(programs, { numRuns: 1, seed: 13 })[0]);
  const sink = new MemorySink();
  const recorder = new Recorder({ sink, machine: tinyMachine });
  for (const batch of history.batches) {
    recorder.add(batch);
    recorder.flush();
    const timeline = await open(sink.bytes);
    expect(timeline.moments).toBe(recorder.moment);
  }
  const timeline = await open(sink.bytes);
  const { ram, state } = foldTo(history, timeline.moments);
  expect(await timeline.look(timeline.moments, digestOf)).toBe(digestOf({ memory: ram, state }));
});
