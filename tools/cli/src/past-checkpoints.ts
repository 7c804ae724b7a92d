// The checkpoints of a recording: when each began and ended, and how.

import type { MachineEvent } from "@pagelapse/events";
import type { Timeline } from "@pagelapse/replay";

/** A checkpoint, and the events with which it began and ended. */
export interface PastCheckpoint {
  readonly begun: number;
  readonly ended: number;
  readonly strategy: string;
  readonly name: string;
  readonly state: string;
  readonly pagesSaved: number | undefined;
  readonly byteCount: number | undefined;
}

/** All of a recording, in order of their ends. Segments without any are passed over unread. */
export async function pastCheckpoints(
  timeline: Timeline,
  breathe: (share: number, seen: number) => Promise<void>,
): Promise<readonly PastCheckpoint[]> {
  const taken: PastCheckpoint[] = [];
  const begun = new Map<string, number>();
  for (let from = 0; from < timeline.moments;) {
    const found = await timeline.find({
      from,
      direction: "forward",
      kinds: ["checkpoint-begun", "checkpoint-committed", "checkpoint-failed"],
    });
    if (found.kind !== "found") break;
    const { event } = found;
    const { strategy, name } = event.detail as { readonly strategy: string; readonly name: string };
    const key = JSON.stringify([event.task, strategy, name]);
    if (event.kind === "checkpoint-begun") begun.set(key, event.moment);
    else taken.push(ended(event, begun.get(key) ?? event.moment));
    from = event.moment + 1;
    await breathe(from / timeline.moments, from);
  }
  return taken;
}

function ended(event: MachineEvent, begun: number): PastCheckpoint {
  const detail = event.detail as Omit<PastCheckpoint, "begun" | "ended" | "state">;
  const { strategy, name, pagesSaved, byteCount } = detail;
  const state = event.kind === "checkpoint-committed" ? "committed" : "failed";
  return { begun, ended: event.moment, strategy, name, state, pagesSaved, byteCount };
}
