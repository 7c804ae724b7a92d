// An event as a line of the session, and where one stands.

import type { MachineEvent } from "@pagelapse/events";
import { formatEvent } from "../events/format-event.ts";
import { formatPercent } from "./moment-text.ts";
import type { Session } from "./session.ts";

/** The line of an event; `=>` before the one that happens next. A store without its instruction takes 80 columns. */
export function eventLine(session: Session, event: MachineEvent): string {
  const { paint, width } = session.surroundings;
  const isNext = event.moment === session.moment;
  const line = `${isNext ? "=>" : "  "} ${formatEvent(event)}`.slice(0, width);
  return isNext ? paint("bold", line) : line;
}

/** Where the session stands: the event that happens next, or that there is none. */
export async function placeLines(session: Session): Promise<readonly string[]> {
  const { timeline, moment, end } = session;
  const edges = moment === 0 ? ["the beginning of the recording"] : [];
  if (moment === end) return [...edges, "the end of the recording"];
  return [...edges, eventLine(session, await timeline.event(moment))];
}

/** The same as JSON: `next` is the event that happens next, without which it is the end. */
export async function placeJson(session: Session): Promise<object> {
  const { timeline, moment, end } = session;
  const next = moment === end ? undefined : (await timeline.event(moment)).toJSON();
  return { moment, end, percent: Number.parseFloat(formatPercent(session, moment)), next };
}
