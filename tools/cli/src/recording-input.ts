// A recording opened for a command, and whatever is wrong with it told as a refusal.

import { BadRecording, Timeline } from "@pagelapse/replay";
import { openFileSource } from "@pagelapse/replay/node";
import { refusal, systemRefusal } from "./refusal.ts";

/** An open recording. */
export interface OpenRecording {
  readonly timeline: Timeline;
  readonly close: () => void;
}

/** Opens a file. Throws a `Refusal` for what cannot be read or is no recording. */
export async function openRecording(path: string): Promise<OpenRecording> {
  const source = fromHost(path, () => openFileSource(path));
  try {
    return { timeline: await Timeline.open(source), close: () => source.close() };
  } catch (reason) {
    source.close();
    throw badRecordingRefusal(path, reason) ?? systemRefusal(path, "a recording", reason) ?? reason;
  }
}

/** What the recording says is wrong with it; `undefined` when the reason is another. */
export function badRecordingRefusal(path: string, reason: unknown): Error | undefined {
  return reason instanceof BadRecording ? refusal(path, reason.expected, reason.found, reason.offset) : undefined;
}

function fromHost<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (reason) {
    throw systemRefusal(path, "a recording", reason) ?? reason;
  }
}
