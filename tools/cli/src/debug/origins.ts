// last, next-write and why: who wrote these bytes, who will, and where they came from.

import type { MachineEvent } from "@pagelapse/events";
import { originOf } from "@pagelapse/replay";
import type { MemoryRange } from "@pagelapse/replay";
import { formatNumberOf } from "../quantity.ts";
import { areaNames, parseAddressText } from "./address.ts";
import { answer } from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { DebugCommand, Input } from "./command-line.ts";
import { eventLine } from "./event-line.ts";
import { parseRange, rangeUsage } from "./range-text.ts";
import type { Session } from "./session.ts";
import type { WatchedPlace } from "./stop.ts";
import { watchedIn } from "./watched-memory.ts";

const inNoFrame = "no frame holds it at this moment: nobody has written it";

function question(
  names: DebugCommand["names"],
  summary: string,
  details: readonly string[],
  run: (session: Session, ranges: readonly MemoryRange[], input: Input) => Promise<Answer>,
): DebugCommand {
  return {
    names,
    usage: rangeUsage,
    summary,
    details,
    completions: async (session) => areaNames((await session.looked()).areas),
    async run(session, input) {
      const ranges = await rangesAt(session, await parseRange(session, input.rest, 1));
      if (ranges.length === 0) return answer([inNoFrame], { event: undefined });
      return run(session, ranges, input);
    },
  };
}

/** Where the bytes of a place stand at this moment. */
async function rangesAt({ timeline, moment }: Session, place: WatchedPlace): Promise<readonly MemoryRange[]> {
  return timeline.look(moment, (view) => watchedIn(view, place).data);
}

const last = question(
  ["last"],
  "who wrote these bytes last, before this moment",
  ["N is 1 unless given. goto its moment to stand before the write."],
  async (session, ranges) => {
    const event = await lastWrite(session, ranges, session.moment);
    if (event === undefined) return answer(["never written before this moment: it is zero"], { event: undefined });
    return answer([eventLine(session, event), ago(session, event)], { event: event.toJSON() });
  },
);

const next = question(
  ["next-write"],
  "who writes these bytes next, from this moment on",
  ["N is 1 unless given."],
  async (session, ranges) => {
    const event = await nextWrite(session, ranges, session.moment);
    if (event === undefined) return answer(["never written after this moment"], { event: undefined });
    return answer([eventLine(session, event), ago(session, event)], { event: event.toJSON() });
  },
);

const why: DebugCommand = {
  names: ["why"],
  usage: "ADDR",
  summary: "how a byte came to be what it is, back to its first write",
  details: [
    "The writes that made it, through the frames that it was copied from; the entry",
    "that put its frame there, and the page fault in which that happened. The last",
    "comes first.",
  ],
  completions: async (session) => areaNames((await session.looked()).areas),
  async run(session, { rest }) {
    const { index, areas } = await session.looked();
    const steps = await originOf(session.timeline, index, parseAddressText(rest, areas), session.moment);
    const lines = steps.map(({ event }) => eventLine(session, event));
    const first = steps.findLast(({ role }) => role === "bytes")?.event;
    return answer(steps.length === 0 ? [inNoFrame] : [...lines, beginning(first)], {
      chain: steps.map(({ role, event }) => ({ role, event: event.toJSON() })),
    });
  },
};

/** What the first write of a byte says of where it came from. */
function beginning(first: MachineEvent | undefined): string {
  if (first === undefined || first.from !== undefined) return "never written before that: it is zero, as all memory begins";
  if (first.kind === "frame-filled") return "the bytes came out of a file";
  if (first.kind === "frame-zeroed") return "the kernel made the frame zero, and nobody has written it since";
  return `the byte was written at moment ${first.moment}: goto ${first.moment}`;
}

async function lastWrite(
  { timeline }: Session,
  ranges: readonly MemoryRange[],
  before: number,
): Promise<MachineEvent | undefined> {
  const moments: number[] = [];
  for (const range of ranges) {
    const access = await timeline.lastWrite(range, before);
    if (access !== undefined) moments.push(access.moment);
  }
  return moments.length === 0 ? undefined : timeline.event(Math.max(...moments));
}

async function nextWrite({ timeline }: Session, ranges: readonly MemoryRange[], from: number): Promise<MachineEvent | undefined> {
  const moments: number[] = [];
  for (const range of ranges) {
    const access = await timeline.nextWrite(range, from);
    if (access !== undefined) moments.push(access.moment);
  }
  return moments.length === 0 ? undefined : timeline.event(Math.min(...moments));
}

function ago({ moment }: Session, event: MachineEvent): string {
  const distance = event.moment - moment;
  if (distance === 0) return "that is what happens next";
  return `${formatNumberOf(Math.abs(distance), "event")} ${distance < 0 ? "before this moment" : "from here"}: goto ${event.moment}`;
}

/** In the order in which help lists them. */
export const originCommands: readonly DebugCommand[] = [last, next, why];
