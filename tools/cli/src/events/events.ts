// `pagelapse events`: what happens in the machine while it replays a trace, event by event, at the reader's pace.

import { Machine } from "@pagelapse/kernel";
import type { TraceChunk } from "@pagelapse/trace";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { parseKinds } from "../kind-choice.ts";
import { chooseMachine } from "../machine-choice.ts";
import type { MachineFlags } from "../machine-choice.ts";
import { Pace } from "../pace.ts";
import { print } from "../standard-output.ts";
import { openTraceFeed } from "../trace-feed.ts";
import { EventPrinter } from "./event-printer.ts";
import type { EventChoice } from "./event-printer.ts";
import { eventHeading } from "./format-event.ts";

/** The command's flags. */
export interface EventsFlags extends MachineFlags {
  readonly from: number;
  readonly count?: number;
  readonly kind?: readonly string[];
  readonly maps?: string;
  readonly json?: true;
}

/** Bytes of the trace at most between two looks at the reader: some hundred events. */
const stepBytes = 2 ** 13;

/** Prints events until there are enough, or the trace is over. Nothing is decoded that is not asked for. */
export async function events(path: string, flags: EventsFlags): Promise<ExitCode> {
  const choice = chooseEvents(flags);
  const options = chooseMachine(flags);
  const feed = await openTraceFeed(path, flags.maps);
  try {
    const printer = new EventPrinter(choice);
    const machine = feed.check(() => new Machine(options));
    machine.batches$.subscribe((batch) => printer.take(batch));
    const decoder = feed.decoderFor(machine);
    if (choice.form === "text") await print(`${eventHeading}\n`);
    const pace = new Pace();
    const take = (chunk: TraceChunk): number => decoder.decode(chunk, chunk.start);
    try {
      while (!printer.isDone && (await feed.step(take, Math.min(pace.stepBytes, stepBytes))) === "fed") {
        machine.flush();
        await print(printer.takeText());
        await pace.breathe();
      }
      if (!printer.isDone) feed.check(() => decoder.end());
    } finally {
      // Also what happened before a record that is refused.
      machine.flush();
      await print(printer.takeText());
    }
    return exitCodes.done;
  } finally {
    await feed.close();
  }
}

function chooseEvents({ from, count = Infinity, kind, json }: EventsFlags): EventChoice {
  // A terminal that does not know its width says 0.
  const width = (process.stdout.isTTY && process.stdout.columns) || Infinity;
  return { from, count, kinds: kind && parseKinds("--kind", kind), form: json === true ? "json" : "text", width };
}
