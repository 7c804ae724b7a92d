// What an image says of processes beside their pages.

import { compareAreas } from "../compare-areas.ts";
import type { ProcessImage } from "../image/tree-image.ts";
import { processesOf } from "../tracked.ts";
import type { Tracked } from "../tracked.ts";

/** A process at a moment. */
export type ProcessFacts = Omit<ProcessImage, "runs">;

/** The processes as they are now, the root first. */
export function factsOf(tracked: Tracked): readonly ProcessFacts[] {
  return processesOf(tracked).map(({ checkCount, parentPid, space }) => ({
    pid: space.pid,
    parentPid: space === tracked.space ? 0 : parentPid,
    checkCount,
    startBrk: space.startBrk,
    brk: space.brk,
    areas: space.areas,
  }));
}

/** What came between two moments, so that pages of both would make an image of none; `undefined` where nothing did. */
export function changeBetween(before: readonly ProcessFacts[], now: readonly ProcessFacts[]): string | undefined {
  if (before.length !== now.length || before.some(({ pid }, index) => pid !== now[index].pid)) return "processes came or went";
  const isRemapped = before.some(
    ({ areas }, index) => areas !== now[index].areas && compareAreas(areas, now[index].areas).length > 0,
  );
  return isRemapped ? "areas changed" : undefined;
}
