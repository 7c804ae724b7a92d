// Events as JSON, an object a line.

import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { MachineEvent, catalogue } from "@pagelapse/events";
import type { Timeline } from "@pagelapse/replay";
import { toJsonText } from "../printable.ts";
import type { EventChoice } from "./event-table.ts";

/** Fills a file; `hear` is told how far it has come, and how many events were written. */
export async function writeJsonLines(
  path: string,
  timeline: Timeline,
  { from, to, kinds }: EventChoice,
  hear: (moment: number, count: number) => Promise<void>,
): Promise<void> {
  const codes = kinds && new Set(kinds.map((kind) => catalogue[kind].code));
  async function* blocks(): AsyncGenerator<string, void, undefined> {
    for await (const batch of timeline.batches(from, to)) {
      let lines = "";
      let count = 0;
      for (let row = 0; row < batch.count; row++) {
        if (codes?.has(batch.kind[row]) === false) continue;
        lines += `${toJsonText(new MachineEvent(batch, row))}\n`;
        count += 1;
      }
      await hear(batch.firstMoment + batch.count, count);
      yield lines;
    }
  }
  await pipeline(Readable.from(blocks()), createWriteStream(path, { flags: "r+" }));
}
