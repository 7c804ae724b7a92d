// diff: what is different at two moments.

import { differencesOf } from "@pagelapse/replay";
import type { PageDifference } from "@pagelapse/replay";
import { formatArea } from "../area-text.ts";
import { formatAddress, formatCount, formatNumberOf } from "../quantity.ts";
import { Refusal } from "../refusal.ts";
import { answer } from "./answer.ts";
import type { DebugCommand } from "./command-line.ts";
import { formatMoment, momentNames, parseMoment } from "./moment-text.ts";

/** Pages that are listed. JSON has all of them. */
const pageLimit = 40;

/** In the order in which help lists them. */
export const differenceCommands: readonly DebugCommand[] = [
  {
    names: ["diff"],
    usage: "MOMENT [MOMENT]",
    summary: "what changed between two moments, or since one",
    details: ["Pages and areas of the task one looks at, and the rest of the machine's state."],
    completions: async (session) => momentNames(session),
    async run(session, { rest }) {
      const words = rest.split(/\s+/).filter((word) => word !== "");
      if (words.length < 1 || words.length > 2) throw new Refusal(`expected one moment or two, found ${words.length}`);
      const from = parseMoment(session, words[0]);
      const to = words.length === 2 ? parseMoment(session, words[1]) : session.moment;
      const { index } = session.taskIn(await session.timeline.at(Math.max(from, to)));
      const found = await differencesOf(session.timeline, from, to, index);
      const lines = [
        `from ${formatMoment(session, from)} to ${formatMoment(session, to)}, task ${index}:`,
        ...found.areasBefore.map((area) => `- ${formatArea(area)}`),
        ...found.areasAfter.map((area) => `+ ${formatArea(area)}`),
        ...found.pages.slice(0, pageLimit).map(pageLine),
        ...(found.pages.length > pageLimit ? [`and ${formatNumberOf(found.pages.length - pageLimit, "page")} more`] : []),
        ...statePaths(found.state, index).map((path) => `state: ${path}`),
      ];
      return answer(lines.length === 1 ? [...lines, "nothing is different"] : lines, { from, to, task: index, ...found });
    },
  },
];

/** Paths that tell more than the areas listed do: of another task's areas that they differ, of this one's nothing. */
function statePaths(paths: readonly string[], task: number): readonly string[] {
  const shortened = paths.map((path) => path.replace(/^(tasks\.\d+\.areas)\..*$/, "$1"));
  return [...new Set(shortened)].filter((path) => path !== `tasks.${task}.areas`);
}

function pageLine({ vaddr, kind, offset, byteCount }: PageDifference): string {
  if (kind !== "changed") return `page ${formatAddress(vaddr)} ${kind}`;
  return `page ${formatAddress(vaddr)} changed: ${formatCount(byteCount)} ${byteCount === 1 ? "byte" : "bytes"}, the first at ${formatAddress(vaddr + offset)}`;
}
