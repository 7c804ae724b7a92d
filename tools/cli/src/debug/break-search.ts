// The next event that a breakpoint is about, in either direction.

import type { KindName, MachineEvent } from "@pagelapse/events";
import type { EventQuery, Timeline } from "@pagelapse/replay";
import { RowSubject, meets } from "./condition.ts";
import type { Breathe } from "./session.ts";
import type { Breakpoint } from "./stop.ts";

/** The first such event whose moment is in [from, to), or the last, by the direction. */
export async function findBreak(
  timeline: Timeline,
  stop: Breakpoint,
  range: { readonly from: number; readonly to: number },
  direction: "forward" | "back",
  breathe: Breathe,
): Promise<MachineEvent | undefined> {
  const span = range.to - range.from;
  if (span <= 0) return undefined;
  const found = await timeline.find({
    ...queryOf(stop),
    from: direction === "forward" ? range.from : range.to,
    direction,
    progress: async (lookedAt, of) => {
      if (lookedAt >= span) return "stop";
      await breathe(lookedAt / Math.max(1, of), lookedAt);
      return "go on";
    },
  });
  if (found.kind !== "found") return undefined;
  const { moment } = found.event;
  return moment >= range.from && moment < range.to ? found.event : undefined;
}

/** Kinds whose addresses recordings can be searched for without going through all events. */
const accesses: ReadonlySet<KindName> = new Set<KindName>(["store", "kernel-store", "load"]);

function queryOf({ kinds, site, range, condition }: Breakpoint): Pick<EventQuery, "kinds" | "site" | "range" | "where"> {
  const isAccess = range !== undefined && kinds?.every((kind) => accesses.has(kind)) === true;
  const where = whereOf(isAccess ? undefined : range, condition);
  return {
    ...(kinds && { kinds }),
    ...(site !== undefined && { site }),
    ...(isAccess && { range: { space: "virtual", start: range.start, byteCount: range.end - range.start } }),
    ...(where && { where }),
  };
}

function whereOf(range: Breakpoint["range"], condition: Breakpoint["condition"]): EventQuery["where"] {
  if (range === undefined && condition === undefined) return undefined;
  let subject: RowSubject | undefined;
  return (batch, row) => {
    subject = subject?.about(batch, row) ?? new RowSubject(batch, row);
    if (range !== undefined && !meets(subject, range.start, range.end)) return false;
    return condition?.holds(subject) ?? true;
  };
}
