// Recordings for tests of what reads them: of a scenario, and of a trace.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { strategyNamed } from "@pagelapse/checkpoint";
import { EventLog } from "@pagelapse/events";
import { Machine } from "@pagelapse/kernel";
import { MemorySink, Recorder, Timeline, memorySource } from "@pagelapse/replay";
import type { RecordedMachine } from "@pagelapse/replay";
import { TraceChunks, createDecoder, parseScenario, runScenario } from "@pagelapse/trace";

/** What the first line of a scenario for `recordScenario` must say. */
const scenarioMachine = "machine x86-64 processors 2 tlb 8x2 ram 256 swap 8";

const recorded: RecordedMachine = {
  architecture: "x86-64",
  ramFrames: 256,
  swapFrames: 8,
  processors: 2,
  tlb: { sets: 8, ways: 2 },
};

/** The machine of the strategy `dirty-bit` in a scenario, recorded. */
export function recordScenario(lines: readonly string[], loads: "recorded" | "dropped" = "dropped"): Uint8Array {
  const dirtyBit = strategyNamed("dirty-bit");
  if (dirtyBit === undefined) throw new Error("no strategy dirty-bit");
  const log = new EventLog();
  const scenario = parseScenario([scenarioMachine, ...lines, ""].join("\n"));
  return record(log, recorded, () => {
    runScenario(scenario, {
      strategies: [dirtyBit],
      machine: (strategy) => (strategy === undefined ? {} : { log, loads }),
    });
    log.flush();
  });
}

/** The same of a scenario in a file, whatever machine it asks for. */
export function recordGallery(path: string): Uint8Array {
  const dirtyBit = strategyNamed("dirty-bit");
  if (dirtyBit === undefined) throw new Error("no strategy dirty-bit");
  const log = new EventLog();
  const scenario = parseScenario(readFileSync(path, "utf8"));
  const [setup] = scenario.lines.flatMap(({ statement }) => (statement?.verb === "machine" ? [statement.setup] : []));
  const machine: RecordedMachine = {
    architecture: setup?.architecture ?? "x86-64",
    ramFrames: setup?.ram ?? 1024,
    swapFrames: setup?.swap ?? 64,
    processors: setup?.processors ?? 1,
    tlb: setup?.tlb ?? { sets: 64, ways: 4 },
  };
  return record(log, machine, () => {
    runScenario(scenario, { strategies: [dirtyBit], machine: (strategy) => (strategy === undefined ? {} : { log }) });
    log.flush();
  });
}

/** A machine that replays a trace, recorded; `dirty-bit` takes a checkpoint every so many stores. */
export function recordTrace(path: string, every: number = Infinity): Uint8Array {
  const ramFrames = 2 ** 18;
  const tlb = { sets: 64, ways: 4 };
  const log = new EventLog();
  return record(log, { architecture: "x86-64", ramFrames, swapFrames: 0, processors: 1, tlb }, () => {
    const machine = new Machine({ frameCount: ramFrames, tlb, log });
    const checkpointer = strategyNamed("dirty-bit")?.start();
    const bytes = gunzipSync(readFileSync(path));
    const decoder = createDecoder(bytes.subarray(0, 16), machine);
    decoder.storeLimit = every;
    new TraceChunks().feed(bytes, (chunk) => {
      let at = decoder.decode(chunk, chunk.start);
      while (decoder.stores === decoder.storeLimit) {
        machine.flush();
        checkpointer?.take(machine.tracked);
        decoder.storeLimit += every;
        at = decoder.decode(chunk, at);
      }
      return at;
    });
    decoder.end();
    machine.flush();
  });
}

function record(log: EventLog, machine: RecordedMachine, act: () => void): Uint8Array {
  const sink = new MemorySink();
  const recorder = new Recorder({ sink, machine });
  recorder.listen(log);
  act();
  recorder.close();
  return sink.bytes;
}

/** The same recording for a test to look into. */
export function timelineOf(bytes: Uint8Array): Promise<Timeline> {
  return Timeline.open(memorySource(bytes));
}

/** All events of a recording, as JSON has them. */
export async function eventsOf(bytes: Uint8Array): Promise<readonly EventJson[]> {
  const events: EventJson[] = [];
  const timeline = await timelineOf(bytes);
  for (let moment = 0; moment < timeline.moments; moment++)
    events.push((await timeline.event(moment)).toJSON() as unknown as EventJson);
  return events;
}

/** What an event has that tests look at. */
export interface EventJson {
  readonly moment: number;
  readonly kind: string;
  readonly task: number;
  readonly vaddr?: number;
  readonly paddr?: number;
  readonly length?: number;
  readonly bytes?: string;
  readonly from?: number;
  readonly detail?: object;
}
