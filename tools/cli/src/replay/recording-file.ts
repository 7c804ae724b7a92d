// The recording that a replay leaves: of the machine of one strategy, from its first event to its last.

import { unlinkSync } from "node:fs";
import { EventLog } from "@pagelapse/events";
import type { MachineOptions } from "@pagelapse/kernel";
import { Recorder } from "@pagelapse/replay";
import { openFileSink } from "@pagelapse/replay/node";
import { atEarlyEnd } from "../early-end.ts";
import { systemRefusal } from "../refusal.ts";

/** A recording that is being written. */
export interface RecordingFile {
  /** Where the machine's events are to go. */
  readonly log: EventLog;
  /** Ends it, durably. Until then it goes away should the command end early. */
  close(): void;
}

/** Creates the file. Throws a `Refusal` where there is one already, or none can be written. */
export function createRecording(path: string, strategy: string, machine: MachineOptions): RecordingFile {
  const telling = <Result>(expected: string, act: () => Result): Result => {
    try {
      return act();
    } catch (reason) {
      throw systemRefusal(path, expected, reason) ?? reason;
    }
  };
  const file = telling("a file that does not exist yet", () => openFileSink(path));
  const cancel = atEarlyEnd(() => unlinkSync(path));
  const recorder = new Recorder({
    sink: { append: (bytes) => telling("room for the recording", () => file.append(bytes)) },
    machine: {
      architecture: machine.architecture?.name ?? "x86-64",
      ramFrames: machine.frameCount ?? 2 ** 18,
      swapFrames: machine.swapFrames ?? 0,
      processors: machine.processors ?? 1,
      tlb: machine.tlb ?? { sets: 64, ways: 4 },
      about: { strategy },
    },
  });
  const log = new EventLog();
  recorder.listen(log);
  return {
    log,
    close() {
      recorder.close();
      telling("room for the recording", () => file.sync());
      file.close();
      cancel();
    },
  };
}
