// `pagelapse replay`: strategies side by side on one trace, and the verdict on them.

import type { TraceChunk } from "@pagelapse/trace";
import { commandName } from "../command-name.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { chooseMachine } from "../machine-choice.ts";
import type { MachineFlags } from "../machine-choice.ts";
import { Pace } from "../pace.ts";
import { toJsonText } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { print } from "../standard-output.ts";
import { chooseStrategies } from "../strategy-choice.ts";
import { openTraceFeed } from "../trace-feed.ts";
import type { TraceFeed } from "../trace-feed.ts";
import { makeOutputFolder } from "./output-folder.ts";
import { replayJson } from "./replay-json.ts";
import { formatReport } from "./report.ts";
import { claimsHeld } from "./result.ts";
import { Refusal } from "../refusal.ts";
import { createRecording } from "./recording-file.ts";
import { isScenario, replayScenario } from "./scenario.ts";
import { Trial } from "./trial.ts";

/** The command's flags. */
export interface ReplayFlags extends MachineFlags {
  /** Stores between two checkpoints. */
  readonly every: number;
  readonly strategy: readonly string[];
  readonly out?: string;
  readonly maps?: string;
  /** File that the machine of the first strategy is recorded in. */
  readonly record?: string;
  readonly json?: true;
}

/** Replays, prints the report, and says in its exit code whether every claim held. */
export async function replay(path: string, flags: ReplayFlags): Promise<ExitCode> {
  const begun = performance.now();
  const chosen = await chooseStrategies(flags.strategy, "--strategy");
  if (isScenario(path) && flags.record !== undefined) throw new Refusal("--record: expected a trace, found a scenario");
  if (isScenario(path)) return replayScenario(path, flags, chosen);
  const machine = chooseMachine(flags);
  const feed = await openTraceFeed(path, flags.maps);
  try {
    const folder = makeOutputFolder(flags.out, chosen);
    const recording = flags.record === undefined ? undefined : createRecording(flags.record, chosen[0].name, machine);
    const trials = chosen.map((strategy, index) => {
      const recorded = index === 0 && recording !== undefined ? { ...machine, log: recording.log } : machine;
      const options = { room: folder.room(strategy.name), every: flags.every, machine: recorded, decoderFor: feed.decoderFor };
      return feed.check(() => new Trial(strategy, options));
    });
    await runInLockstep(feed, trials);
    recording?.close();
    const results = feed.check(() => trials.map((trial) => trial.result()));
    folder.keep();

    const [{ decoder }] = trials;
    const { format, stores, kernelWrites, layout } = decoder;
    const seconds = (performance.now() - begun) / 1000;
    const facts = { trace: path, format, stores, kernelWrites, layout, every: flags.every, folder: folder.path };
    const result = { ...facts, seconds, strategies: results };
    const code = claimsHeld(result) ? exitCodes.done : exitCodes.disproved;
    // Stands already should the reader leave before the end.
    process.exitCode = code;
    await print(flags.json === true ? `${toJsonText(replayJson(result))}\n` : formatReport(result, commandName()));
    return code;
  } finally {
    await feed.close();
  }
}

/** Each machine takes each chunk in turn: cheaper than a trace read for each, and they stop where the same record is cut. */
async function runInLockstep(feed: TraceFeed, trials: readonly Trial[]): Promise<void> {
  const progress = startProgress();
  try {
    const takeInTurn = (chunk: TraceChunk): number => trials.reduce((_, trial) => trial.take(chunk), chunk.start);
    const pace = new Pace();
    while ((await feed.step(takeInTurn, pace.stepBytes)) === "fed") {
      progress.show(feed.share(), trials[0].decoder.stores);
      await pace.breathe();
    }
    feed.check(() => trials.forEach((trial) => trial.end()));
  } finally {
    progress.clear();
  }
}
