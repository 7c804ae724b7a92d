// `pagelapse info`: what is in a trace, told without checkpoints.

import { Machine } from "@pagelapse/kernel";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { Pace } from "../pace.ts";
import { toJsonText } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { print } from "../standard-output.ts";
import { openTraceFeed } from "../trace-feed.ts";
import { formatInfo } from "./format-info.ts";
import type { TraceInfo } from "./format-info.ts";

/** The command's flags. */
export interface InfoFlags {
  /** Frames. */
  readonly ram: number;
  readonly maps?: string;
  readonly json?: true;
}

/** Decodes the whole trace, so what it tells of is known to be good. */
export async function info(path: string, flags: InfoFlags): Promise<ExitCode> {
  const feed = await openTraceFeed(path, flags.maps);
  const progress = startProgress();
  try {
    const machine = feed.check(() => new Machine({ frameCount: flags.ram }));
    const decoder = feed.decoderFor(machine);
    const pace = new Pace();
    while ((await feed.step((chunk) => decoder.decode(chunk, chunk.start), pace.stepBytes)) === "fed") {
      progress.show(feed.share(), decoder.stores);
      await pace.breathe();
    }
    feed.check(() => decoder.end());
    progress.clear();
    const { format, counts, stores, loads, kernelWrites, areasAtStart = [], final } = decoder;
    const found: TraceInfo = {
      trace: path,
      format,
      ...feed.byteCounts,
      records: Object.fromEntries(counts),
      stores,
      loads,
      kernelWrites,
      areasAtStart,
      areasAtEnd: machine.space.areas,
      finalPages: final.pages,
    };
    await print(flags.json === true ? `${toJsonText(found)}\n` : formatInfo(found));
    return exitCodes.done;
  } finally {
    progress.clear();
    await feed.close();
  }
}
