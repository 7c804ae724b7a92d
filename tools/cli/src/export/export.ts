// `pagelapse export`: the events of a recording in a file that other tools read.

import { statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import type { KindName } from "@pagelapse/events";
import type { Timeline } from "@pagelapse/replay";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { parseKinds } from "../kind-choice.ts";
import { printable, toJsonText } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { formatBytes, formatNumberOf } from "../quantity.ts";
import { badRecordingRefusal, openRecording } from "../recording-input.ts";
import { Refusal } from "../refusal.ts";
import { print } from "../standard-output.ts";
import { eventTables } from "./event-table.ts";
import type { EventChoice, EventTable } from "./event-table.ts";
import { writeNewFile } from "./new-file.ts";

/** The command's flags. */
export interface ExportFlags {
  readonly parquet?: string;
  readonly arrow?: string;
  readonly jsonl?: string;
  readonly from: number;
  readonly to?: number;
  readonly kind?: readonly string[];
  readonly json?: true;
}

type Format = "parquet" | "arrow" | "jsonl";

/** Writes the file that the flags name. */
export async function exportEvents(path: string, flags: ExportFlags): Promise<ExitCode> {
  const { format, file } = chooseFormat(flags);
  const kinds = flags.kind && parseKinds("--kind", flags.kind);
  const { timeline, close } = await openRecording(path);
  try {
    const choice = chooseEvents(timeline, flags, kinds);
    const events = await writeEvents(timeline, choice, format, file);
    const { size } = statSync(file);
    const json = { file, format, events, bytes: size };
    await print(
      flags.json === true
        ? `${toJsonText(json)}\n`
        : `${printable(file)}: ${formatNumberOf(events, "event")}, ${formatBytes(size)}\n`,
    );
    return exitCodes.done;
  } catch (reason) {
    throw badRecordingRefusal(path, reason) ?? reason;
  } finally {
    close();
  }
}

/** Writes a file of a recording's events, with a progress bar where there is a terminal. Returns how many they are. */
async function writeEvents(timeline: Timeline, choice: EventChoice, format: Format, file: string): Promise<number> {
  const progress = startProgress();
  let events = 0;
  const hear = async (moment: number, count: number): Promise<void> => {
    events += count;
    progress.show((moment - choice.from) / Math.max(1, choice.to - choice.from), events, "events");
    // Lets signals in.
    await setImmediate();
  };
  try {
    await writeNewFile(file, async (partial) => {
      if (format === "jsonl") {
        const { writeJsonLines } = await import("./json-lines-file.ts");
        await writeJsonLines(partial, timeline, choice, hear);
      } else if (format === "parquet") {
        const { writeParquet } = await import("./parquet-file.ts");
        await writeParquet(partial, hearing(eventTables(timeline, choice), hear));
      } else {
        const { writeArrow } = await import("./arrow-file.ts");
        await writeArrow(partial, hearing(eventTables(timeline, choice), hear));
      }
    });
  } finally {
    progress.clear();
  }
  return events;
}

async function* hearing(
  tables: AsyncIterable<EventTable>,
  hear: (moment: number, count: number) => Promise<void>,
): AsyncGenerator<EventTable, void, undefined> {
  for await (const table of tables) {
    await hear(table.end, table.count);
    yield table;
  }
}

function chooseFormat({ parquet, arrow, jsonl }: ExportFlags): { readonly format: Format; readonly file: string } {
  const given = Object.entries({ parquet, arrow, jsonl }).flatMap(([format, file]) =>
    file === undefined ? [] : [{ format: format as Format, file }],
  );
  if (given.length === 1) return given[0];
  throw new Refusal(
    `export: expected one of --parquet, --arrow and --jsonl, found ${given.length === 0 ? "none" : given.length}`,
  );
}

function chooseEvents(timeline: Timeline, { from, to }: ExportFlags, kinds: readonly KindName[] | undefined): EventChoice {
  const end = to ?? timeline.moments;
  const last = timeline.moments;
  if (end > last) throw new Refusal(`--to: expected a moment of 0 to ${last}, found ${end}`);
  if (from > end) throw new Refusal(`--from: expected a moment of 0 to ${end}, found ${from}`);
  return { from, to: end, kinds };
}
