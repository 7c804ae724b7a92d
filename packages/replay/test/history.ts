// A program run and recorded, and the same events folded one by one: what every look at the past is held to.

import { EventLog } from "@pagelapse/events";
import type { EventBatch } from "@pagelapse/events";
import { Fold, Machine, OutOfFrames } from "@pagelapse/kernel";
import type { Command, MachineState } from "@pagelapse/kernel";
import { frameBytes, x86_64 } from "@pagelapse/mmu";
import type { TlbSlot } from "@pagelapse/mmu";
import fc from "fast-check";
import { MemorySink, Recorder, Timeline, memorySource } from "@pagelapse/replay";
import type { OpenOptions, PastView, RecordedMachine, RecorderOptions } from "@pagelapse/replay";
import { programs } from "./program.ts";

export const tinyMachine: RecordedMachine = {
  architecture: "x86-64",
  ramFrames: 40,
  swapFrames: 4,
  processors: 2,
  tlb: { sets: 2, ways: 2 },
};
export const frameCount: number = tinyMachine.ramFrames + tinyMachine.swapFrames;

/** A share of a whole, from 0 up to 1; one of `fc.double` would nearly always be next to nothing. */
export const place: fc.Arbitrary<number> = fc.nat(1_000_000).map((share) => share / 1_000_001);

/** How a law is tried. */
export interface Trial {
  readonly numRuns: number;
  readonly seed?: number;
  readonly endOnFailure?: boolean;
}

/** What happened: the batches, and what the TLBs held at some moments. */
export interface History {
  readonly batches: readonly EventBatch[];
  readonly moments: number;
  readonly tlbs: ReadonlyMap<number, readonly (readonly TlbSlot[])[]>;
}

/** Runs a program on a tiny machine. */
export function historyOf(program: readonly Command[]): History {
  const log = new EventLog(37, 1100);
  const batches: EventBatch[] = [];
  log.listen((batch) => batches.push(batch.copy()));
  const { ramFrames, swapFrames, processors, tlb } = tinyMachine;
  const machine = new Machine({ frameCount: ramFrames, swapFrames, processors, tlb, log, loads: "recorded" });
  const tlbs = new Map<number, readonly (readonly TlbSlot[])[]>();
  tlbs.set(
    log.moment,
    machine.tlbs.map((each) => each.contents()),
  );
  program.forEach((command, index) => {
    machine.programCounter(0x40_0000_0000 + (index & 3));
    machine.startChunk(index * 24);
    try {
      machine.execute(command);
    } catch (reason) {
      if (!(reason instanceof OutOfFrames)) throw reason;
    }
    tlbs.set(
      log.moment,
      machine.tlbs.map((each) => each.contents()),
    );
  });
  machine.flush();
  return { batches, moments: log.moment, tlbs };
}

/** A recording of a history. */
export function recordingOf(history: History, options: Partial<RecorderOptions> = {}): Uint8Array {
  const sink = new MemorySink();
  const recorder = new Recorder({ sink, machine: tinyMachine, ...options });
  for (const batch of history.batches) recorder.add(batch);
  recorder.close();
  return sink.bytes;
}

export function open(bytes: Uint8Array, options: OpenOptions = {}): Promise<Timeline> {
  return Timeline.open(memorySource(bytes), options);
}

/** Facts folded from zero to a moment, one after the other. */
export function foldTo(history: History, moment: number): Fold {
  const fold = new Fold(x86_64, frameCount);
  for (const batch of history.batches) {
    if (batch.firstMoment >= moment) break;
    if (batch.firstMoment + batch.count <= moment) {
      fold.add(batch);
      continue;
    }
    const part = batch.copy();
    part.count = moment - batch.firstMoment;
    fold.add(part);
  }
  return fold;
}

/** All of a memory's bytes and the state, as text: `undefined` members and absent ones are alike. */
export function digestOf(view: { readonly memory: PastView["memory"]; readonly state: MachineState }): string {
  const bytes = new Uint8Array(frameCount * frameBytes);
  for (let pfn = 0; pfn < frameCount; pfn++)
    view.memory.read(pfn * frameBytes, bytes.subarray(pfn * frameBytes, (pfn + 1) * frameBytes));
  return `${Buffer.from(bytes).toString("latin1")}${JSON.stringify(view.state)}`;
}

/** What a moment must be. */
export function digestAt(history: History, moment: number): string {
  const { ram, state } = foldTo(history, moment);
  return digestOf({ memory: ram, state });
}

/** Runs packed together, or short ones that stand alone. */
export const fewKeys: fc.Arbitrary<number> = fc.constantFrom(0, 1024);

/** A program's history, and a recording of it with a few segments and copies. */
export const recorded: fc.Arbitrary<{ readonly history: History; readonly bytes: Uint8Array }> = fc
  .tuple(programs, fc.constantFrom(3, 16, 50, 4000), fewKeys)
  .map(([program, least, few]) => {
    const history = historyOf(program);
    return {
      history,
      bytes: recordingOf(history, {
        segments: { least, eachFrame: 0, most: least },
        copies: { weight: 300, touch: 40 },
        fewKeys: few,
      }),
    };
  });
