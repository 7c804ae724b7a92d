// Questions about the past, asked over and over: how long each takes, and what it reads.

import { catalogue } from "@pagelapse/events";
import { Timeline } from "@pagelapse/replay";
import type { Cost } from "@pagelapse/replay";
import type { FileSource } from "@pagelapse/replay/node";
import { noise } from "./made-recording.ts";

/** One question: at the median, and what 99 of 100 stay below. */
export interface Asked {
  readonly question: string;
  readonly milliseconds: readonly [p50: number, p99: number];
  /** Above it something is broken; on one core of the machine that the project is developed on, at 10^8 events. */
  readonly floors: readonly [p50: number, p99: number] | undefined;
  readonly reads: readonly [p50: number, p99: number];
  readonly blocks: readonly [p50: number, p99: number];
  readonly segments: readonly [p50: number, p99: number];
}

/** Frames that a look shows. */
const shown = 64;
const pageBytes = 4096;
const STORE = catalogue.store.code;
const noBytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 250);

/** Asks everything; `times` is how often what is quick is asked. */
export async function* askEverything(source: FileSource, times: number): AsyncGenerator<Asked, void, undefined> {
  const random = noise(0x777);
  const below = (limit: number): number => Math.floor((random() / 2 ** 32) * limit);
  const timeline = await Timeline.open(source);
  const frames = await framesStored(timeline, below);
  const frame = (): number => frames[below(frames.length)];
  const some = (): number[] => Array.from({ length: shown }, frame);
  const byte = (): { readonly paddr: number; readonly byteCount: number } => ({
    paddr: frame() * pageBytes + below(pageBytes),
    byteCount: 1,
  });
  const moment = (): number => below(timeline.moments);
  yield await asked("open", [50, 50], 20, async () => {
    const { cost } = await Timeline.open(source);
    return { took: () => Promise.resolve(), cost: () => cost };
  });
  yield await asked("64 frames, empty reader", [5, 30], times, async () => {
    const fresh = await Timeline.open(source);
    return { took: async () => fresh.fetch(await fresh.at(moment()), some()), cost: () => fresh.cost };
  });
  const ask = (name: string, floors: Asked["floors"], often: number, question: () => Promise<unknown>): Promise<Asked> =>
    asked(name, floors, often, async () => ({ took: question, cost: () => timeline.cost }));
  yield await ask("64 frames, warm", undefined, times, async () => timeline.fetch(await timeline.at(moment()), some()));
  yield await ask("last write of a byte", [1, 10], times * 4, () => timeline.lastWrite(byte(), moment()));
  yield await ask("next write of a byte", [1, 10], times * 4, () => timeline.nextWrite(byte(), moment()));
  const search = { from: 0, direction: "forward" } as const;
  yield await ask("a kind, all of it", [300, 300], 3, () => everyOne(timeline));
  yield await ask("an instruction, absent", [300, 300], 3, () => timeline.find({ ...search, site: 1 }));
  const absent = { space: "virtual", start: 0x1000, byteCount: pageBytes } as const;
  yield await ask("an address, absent", [300, 300], 3, () => timeline.find({ ...search, range: absent }));
  yield await ask("8 bytes, absent", [800, 800], 3, () => timeline.find({ ...search, bytes: noBytes }));
  const from = Math.max(0, timeline.moments - 20_000_000);
  const where = (): boolean => false;
  const millions = (timeline.moments - from) / 1e6;
  yield await ask(`a predicate, of ${millions.toFixed(1)} M events`, [millions * 50, millions * 50], 3, () =>
    timeline.find({ ...search, from, where }),
  );
}

/** Every event of a rare kind, one search after the other; no more than a thousand. */
async function everyOne(timeline: Timeline): Promise<void> {
  for (let [from, count] = [0, 0]; count < 1000; count++) {
    const found = await timeline.find({ from, direction: "forward", kinds: ["kernel-store"] });
    if (found.kind !== "found") return;
    from = found.event.moment + 1;
  }
}

/** Some frames that stores went to. */
async function framesStored(timeline: Timeline, below: (limit: number) => number): Promise<readonly number[]> {
  const frames = new Set<number>();
  for (let sample = 0; sample < 200; sample++) {
    const from = below(Math.max(1, timeline.moments - 50));
    for await (const { count, kind, paddr } of timeline.batches(from, Math.min(timeline.moments, from + 50))) {
      for (let row = 0; row < count; row++) if (kind[row] === STORE) frames.add(paddr[row] >>> 12);
    }
  }
  return [...frames];
}

/** A question that is ready to be asked, and who counts what it costs. */
interface Ready {
  readonly took: () => Promise<unknown>;
  readonly cost: () => Readonly<Cost>;
}

async function asked(question: string, floors: Asked["floors"], times: number, prepare: () => Promise<Ready>): Promise<Asked> {
  const rows: { milliseconds: number; reads: number; blocks: number; segments: number }[] = [];
  for (let time = 0; time < times; time++) {
    const begun = performance.now();
    const { took, cost } = await prepare();
    const before = question === "open" ? { reads: 0, blocks: 0, segments: 0 } : { ...cost() };
    const ready = question === "open" ? begun : performance.now();
    await took();
    const milliseconds = performance.now() - ready;
    const { reads, blocks, segments } = cost();
    rows.push({
      milliseconds,
      reads: reads - before.reads,
      blocks: blocks - before.blocks,
      segments: segments - before.segments,
    });
  }
  const share = (name: keyof (typeof rows)[number]): readonly [number, number] => {
    const sorted = rows.map((row) => row[name]).toSorted((left, right) => left - right);
    const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
    return [at(0.5), at(0.99)];
  };
  return {
    question,
    floors,
    milliseconds: share("milliseconds"),
    reads: share("reads"),
    blocks: share("blocks"),
    segments: share("segments"),
  };
}
