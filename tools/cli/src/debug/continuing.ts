// continue and reverse-continue: to the next thing that a stop is about.

import type { Answer } from "./answer.ts";
import { findBreak } from "./break-search.ts";
import { nothingToComplete, parseTimes } from "./command-line.ts";
import type { DebugCommand } from "./command-line.ts";
import { eventLine } from "./event-line.ts";
import { arrived } from "./moving.ts";
import type { Breathe, Session } from "./session.ts";
import type { Stop } from "./stop.ts";
import { stopTitle } from "./stop-text.ts";
import { bytesJson, formatValue } from "./value-text.ts";
import { findWatch } from "./watch-search.ts";
import type { WatchHit } from "./watch-search.ts";

/*
 * Both ways a breakpoint stops before its event. A watchpoint stops after the write on the way forward and before it on the
 * way back, so that the next step in either direction leads through it, as in rr.
 *
 *     moment        m       m+1
 *     event           write
 *     forward               stops
 *     back          stops
 */

const goOn: DebugCommand = {
  names: ["continue", "c", "fg"],
  usage: "[N]",
  summary: "go on to the next stop, or to the Nth, or to the end",
  details: [
    "Watchpoints stop behind the write, breakpoints before their event. ^C ends the",
    "search, and you are where it began.",
  ],
  completions: nothingToComplete,
  run: (session, input) => goOnTimes(session, "forward", parseTimes(input)),
};

const goBack: DebugCommand = {
  names: ["reverse-continue", "rc"],
  usage: "[N]",
  summary: "go back to the last stop, or to the Nth, or to the beginning",
  details: ["Stops are before the write, or before the event."],
  completions: nothingToComplete,
  run: (session, input) => goOnTimes(session, "back", parseTimes(input)),
};

/** In the order in which help lists them. */
export const continuingCommands: readonly DebugCommand[] = [goOn, goBack];

/** What a stop has found: where one stops for it, and, of a watchpoint, what changed. */
interface Reached {
  readonly stop: Stop;
  readonly moment: number;
  readonly hit: WatchHit | undefined;
}

async function goOnTimes(session: Session, direction: "forward" | "back", times: number): Promise<Answer> {
  const reached = await session.search(async (breathe) => {
    let moment = session.moment;
    let last: readonly Reached[] = [];
    for (let time = 0; time < times; time++) {
      last = await nextStops(session, moment, direction, breathe);
      if (last.length === 0) return [];
      moment = last[0].moment;
    }
    return last;
  });
  session.moveTo(reached.at(0)?.moment ?? (direction === "forward" ? session.end : 0));
  for (const { stop } of reached) stop.hits += 1;
  const lines = reached.flatMap((each) => reachedLines(session, each, direction));
  return arrived(session, lines, { stops: reached.map(reachedJson) });
}

/** The stops that are reached first, all at one moment; none: it goes on to where the recording ends. */
async function nextStops(
  session: Session,
  from: number,
  direction: "forward" | "back",
  breathe: Breathe,
): Promise<readonly Reached[]> {
  let nearest: Reached[] = [];
  for (const stop of session.stops) {
    const limit = nearest.at(0)?.moment ?? (direction === "forward" ? session.end : 0);
    const found = await reachOf(session, stop, from, direction, limit, breathe);
    if (found === undefined) continue;
    if (found.moment === nearest.at(0)?.moment) nearest.push(found);
    else nearest = [found];
  }
  return nearest;
}

/** Where a stop is reached on the way, not beyond `limit`. The event that happens next is no breakpoint any more. */
async function reachOf(
  { timeline, end }: Session,
  stop: Stop,
  from: number,
  direction: "forward" | "back",
  limit: number,
  breathe: Breathe,
): Promise<Reached | undefined> {
  const isForward = direction === "forward";
  if (stop.kind === "watch") {
    const range = isForward ? { from, to: limit } : { from: limit, to: from };
    const hit = await findWatch(timeline, stop, range, direction, breathe);
    return hit && { stop, moment: hit.event.moment + (isForward ? 1 : 0), hit };
  }
  const range = isForward ? { from: Math.min(from + 1, end), to: Math.min(end, limit + 1) } : { from: limit, to: from };
  const event = await findBreak(timeline, stop, range, direction, breathe);
  return event && { stop, moment: event.moment, hit: undefined };
}

function reachedLines(session: Session, { stop, hit }: Reached, direction: "forward" | "back"): readonly string[] {
  if (hit === undefined) return [stopTitle(stop)];
  const { event, before, after } = hit;
  const change = event.kind === "load" ? `loaded ${formatValue(after)}` : `${formatValue(before)} -> ${formatValue(after)}`;
  const isShownAnyway = direction === "back";
  return [`${stopTitle(stop)}: ${change}`, ...(isShownAnyway ? [] : [eventLine(session, event)])];
}

function reachedJson({ stop, hit }: Reached): object {
  if (hit === undefined) return { number: stop.number, kind: stop.kind };
  const { event, before, after } = hit;
  return { number: stop.number, kind: stop.kind, event: event.toJSON(), before: bytesJson(before), after: bytesJson(after) };
}
