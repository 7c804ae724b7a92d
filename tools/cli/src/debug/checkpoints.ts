// info checkpoints: the images that were taken, over the whole recording.

import { pastCheckpoints } from "../past-checkpoints.ts";
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
      const taken = await session.search((breathe) => pastCheckpoints(session.timeline, breathe));
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
