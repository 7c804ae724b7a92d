// info checkpoints: the images that were taken, over the whole recording.

import { frameBytes } from "@pagelapse/mmu";
import { checkpointsOf } from "@pagelapse/replay";
import { pastCheckpoints } from "../past-checkpoints.ts";
import { printable } from "../printable.ts";
import { formatAddress, formatBytes, formatCount } from "../quantity.ts";
import { formatTable } from "../table.ts";
import { areaNames, parseAddressText } from "./address.ts";
import { answer } from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { DebugCommand } from "./command-line.ts";
import type { Session } from "./session.ts";

/** In the order in which help lists them. */
export const checkpointCommands: readonly DebugCommand[] = [
  {
    names: ["info checkpoints", "info images"],
    usage: "[ADDR]",
    summary: "list the checkpoints, or what each has of a page",
    details: [
      "* are those that are complete at this moment. Of a page: whether a checkpoint",
      "saved it (an increment leaves to its parent what it believes unchanged), and",
      "whether the page was then as it is now.",
    ],
    completions: async (session) => areaNames((await session.looked()).areas),
    async run(session, { rest }) {
      if (rest !== "") return pageCheckpoints(session, rest);
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

/** What each checkpoint has of the page around an address. */
async function pageCheckpoints(session: Session, text: string): Promise<Answer> {
  const { index, areas } = await session.looked();
  const address = parseAddressText(text, areas);
  const page = { task: index, vaddr: address - (address & (frameBytes - 1)) };
  const found = await checkpointsOf(session.timeline, page, session.moment);
  const rows = found.map((each) => [
    each.state === "committed" && each.ended < session.moment ? "*" : "",
    formatCount(each.begun),
    formatCount(each.ended),
    printable(each.strategy),
    printable(each.name),
    each.isSaved ? "saved" : "not saved",
    each.isSame ? "as now" : "not as now",
  ]);
  const title = `page ${formatAddress(page.vaddr)}:`;
  return answer(rows.length === 0 ? ["no checkpoints in this recording"] : [title, ...formatTable(pageColumns, rows)], {
    page,
    checkpoints: found,
  });
}

const pageColumns = [
  { heading: [""], align: "left" },
  { heading: ["begun"], align: "right" },
  { heading: ["ended"], align: "right" },
  { heading: ["strategy"], align: "left" },
  { heading: ["name"], align: "left" },
  { heading: ["the page"], align: "left" },
  { heading: ["its bytes"], align: "left" },
] as const;

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
