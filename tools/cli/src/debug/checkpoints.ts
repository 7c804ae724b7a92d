// info checkpoints: the images that were taken, over the whole recording.

import type { MachineEvent } from "@pagelapse/events";
import type { Timeline } from "@pagelapse/replay";
import { printable } from "../printable.ts";
import { formatBytes, formatCount } from "../quantity.ts";
import { formatTable } from "../table.ts";
import { answer } from "./answer.ts";
import { nothingToComplete, refuseRest } from "./command-line.ts";
import type { DebugCommand } from "./command-line.ts";

/** In the order in which help lists them. */
export const checkpointCommands: readonly DebugCommand[] = [
  {
    names: ["info checkpoints", "info images"],
    usage: "",
    summary: "list the checkpoints the program took, and when",
    details: ["* are those that are complete at this moment."],
    completions: nothingToComplete,
    async run(session, input) {
      refuseRest(input);
      const taken = await session.search((breathe) => checkpointsOf(session.timeline, (share, seen) => breathe(share, seen)));
      const rows = taken.map((each) => [
        each.state === "committed" && each.ended < session.moment ? "*" : "",
        formatCount(each.begun),
        formatCount(each.ended),
        printable(each.strategy),
        printable(each.name),
        each.pagesSaved === undefined ? "-" : formatCount(each.pagesSaved),
        each.byteCount === undefined ? "-" : formatBytes(each.byteCount),
        each.state,
      ]);
      return answer(rows.length === 0 ? ["no checkpoints in this recording"] : formatTable(columns, rows), {
        checkpoints: taken,
      });
    },
  },
];

const columns = [
  { heading: [""], align: "left" },
  { heading: ["begun"], align: "right" },
  { heading: ["ended"], align: "right" },
  { heading: ["strategy"], align: "left" },
  { heading: ["name"], align: "left" },
  { heading: ["pages", "saved"], align: "right" },
  { heading: ["bytes"], align: "right" },
  { heading: ["state"], align: "left" },
] as const;

/** A checkpoint, and the events with which it began and ended. */
interface TakenCheckpoint {
  readonly begun: number;
  readonly ended: number;
  readonly strategy: string;
  readonly name: string;
  readonly state: string;
  readonly pagesSaved: number | undefined;
  readonly byteCount: number | undefined;
}

/** All of a recording, in order of their ends. Segments without any are passed over unread. */
async function checkpointsOf(
  timeline: Timeline,
  breathe: (share: number, seen: number) => Promise<void>,
): Promise<readonly TakenCheckpoint[]> {
  const taken: TakenCheckpoint[] = [];
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

function ended(event: MachineEvent, begun: number): TakenCheckpoint {
  const detail = event.detail as Omit<TakenCheckpoint, "begun" | "ended" | "state">;
  const { strategy, name, pagesSaved, byteCount } = detail;
  const state = event.kind === "checkpoint-committed" ? "committed" : "failed";
  return { begun, ended: event.moment, strategy, name, state, pagesSaved, byteCount };
}
