// The areas of every task over a recording: from when to when each was as it was.

import type { KindName } from "@pagelapse/events";
import type { Timeline } from "@pagelapse/replay";
import { formatRights } from "../area-text.ts";

/** An area as it was at the moments [since, until). */
export interface PastArea {
  readonly task: number;
  readonly low: number;
  readonly high: number;
  readonly rights: string;
  readonly name: string;
  readonly since: number;
  readonly until: number;
}

/** What can change areas. */
const kinds: readonly KindName[] = [
  "task-created",
  "task-exited",
  "area-mapped",
  "area-unmapped",
  "area-protected",
  "area-moved",
  "area-grown",
  "area-advised",
  "break-moved",
];

/** All of them, in order of their ends; `hear` is told how far it has come. */
export async function* pastAreas(
  timeline: Timeline,
  hear: (share: number) => Promise<void>,
): AsyncGenerator<PastArea, void, undefined> {
  let standing = new Map<string, PastArea>();
  for (let moment = 0; moment <= timeline.moments;) {
    const now = areasAt(await timeline.at(moment), timeline.moments + 1);
    for (const [key, area] of standing) if (!now.has(key)) yield { ...area, until: moment };
    standing = new Map([...now].map(([key, area]) => [key, standing.get(key) ?? area]));
    const found = moment === timeline.moments ? undefined : await timeline.find({ from: moment, direction: "forward", kinds });
    if (found?.kind !== "found") break;
    moment = found.event.moment + 1;
    await hear(moment / timeline.moments);
  }
  yield* standing.values();
}

/** By what makes two areas the same. */
function areasAt({ moment, state }: Awaited<ReturnType<Timeline["at"]>>, until: number): Map<string, PastArea> {
  const areas = state.tasks.flatMap((task, index) =>
    task.areas.map(({ start, end, flags, name }): PastArea => ({
      task: index,
      low: start,
      high: end,
      rights: formatRights(flags),
      name,
      since: moment,
      until,
    })),
  );
  return new Map(areas.map((area) => [JSON.stringify([area.task, area.low, area.high, area.rights, area.name]), area]));
}
