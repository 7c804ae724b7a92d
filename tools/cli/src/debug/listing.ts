// list: the events around a moment.

import { MachineEvent } from "@pagelapse/events";
import { eventHeading } from "../events/format-event.ts";
import { answerInPart } from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { DebugCommand } from "./command-line.ts";
import { eventLine } from "./event-line.ts";
import { momentNames, parseMoment } from "./moment-text.ts";
import type { Session } from "./session.ts";

/** Events that are shown at once, unless two moments are given. */
const listCount = 10;

/** In the order in which help lists them. */
export const listCommands: readonly DebugCommand[] = [
  {
    names: ["list", "l"],
    usage: "[MOMENT | FROM TO]",
    summary: "show the events around here, or around another moment",
    details: ["Of two moments the first is shown, the second is not. => is the event that", "happens next. Enter goes on."],
    completions: async (session) => momentNames(session),
    async run(session, { rest }) {
      const [from, to] = rest.split(/,?\s+/);
      if (to !== undefined) return list(session, parseMoment(session, from), parseMoment(session, to));
      const middle = rest === "" ? session.moment : parseMoment(session, rest);
      const first = Math.max(0, Math.min(middle - listCount / 2, session.end - listCount));
      return list(session, first, first + listCount);
    },
  },
];

async function list(session: Session, from: number, to: number): Promise<Answer> {
  const end = Math.min(to, session.end);
  const events: MachineEvent[] = [];
  for await (const batch of session.timeline.batches(Math.min(from, end), end)) {
    for (let row = 0; row < batch.count; row++) events.push(new MachineEvent(batch, row));
  }
  const lines = events.map((event) => eventLine(session, event));
  const edge = end === session.end ? ["   the end of the recording"] : [];
  const next = Math.min(session.end, end + Math.max(listCount, to - from));
  return answerInPart(
    [`   ${eventHeading}`, ...lines, ...edge],
    { events: events.map((event) => event.toJSON()) },
    `list ${end} ${next}`,
  );
}
