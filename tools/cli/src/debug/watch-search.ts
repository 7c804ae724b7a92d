// The next hit of a watchpoint, in either direction. A page that is copied, moved or swapped is followed.

import type { MachineEvent } from "@pagelapse/events";
import { catalogue } from "@pagelapse/events";
import type { PastAccess, Timeline } from "@pagelapse/replay";
import { littleEndian } from "../little-endian.ts";
import type { Subject } from "./condition.ts";
import type { Breathe } from "./session.ts";
import type { Watchpoint } from "./stop.ts";
import { watchedIn } from "./watched-memory.ts";
import type { Watched } from "./watched-memory.ts";

/*
 * What a place holds is decided by the bytes it stands in, and by the entries of the page tables that lead there. So the next
 * write to any of these is the next moment at which it can change, and between two of them nothing need be looked at. Linux
 * and gdb watch an address of the processor's; who follows the entries sees copy-on-write, swap and migration, too.
 */

/** An event that a watchpoint is about, and what the place held before it and after it. */
export interface WatchHit {
  readonly event: MachineEvent;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

/** The first hit whose moment is in [from, to), or the last, by the direction. */
export async function findWatch(
  timeline: Timeline,
  watch: Watchpoint,
  range: { readonly from: number; readonly to: number },
  direction: "forward" | "back",
  breathe: Breathe,
): Promise<WatchHit | undefined> {
  const isForward = direction === "forward";
  const start = isForward ? range.from : range.to;
  const total = Math.max(1, isForward ? timeline.moments - start : start);
  const isIn = (touch: Touch | undefined): touch is Touch =>
    touch !== undefined && touch.moment >= range.from && touch.moment < range.to;
  const touchFrom = isForward ? nextTouch : lastTouch;
  const beyond = ({ moment }: Touch): number => (isForward ? moment + 1 : moment);
  let moment = start;
  let now = await watchedAt(timeline, watch, moment);
  for (;;) {
    const touch = await touchFrom(timeline, watch, now, moment);
    if (!isIn(touch)) return undefined;
    moment = beyond(touch);
    let then = await watchedAt(timeline, watch, moment);
    if (touch.what === "entry" && !isSame(now.bytes, then.bytes)) {
      // Who breaks copy-on-write unmaps the page before the copy is mapped. What comes back as it was has not changed.
      const back = await touchFrom(timeline, watch, then, moment);
      const again = back?.what === "entry" ? await watchedAt(timeline, watch, beyond(back)) : undefined;
      if (isIn(back) && again !== undefined && isSame(now.bytes, again.bytes)) {
        moment = beyond(back);
        then = again;
      }
    }
    const [before, after] = isForward ? [now, then] : [then, now];
    const hit = await hitOf(timeline, watch, touch, before.bytes, after.bytes);
    if (hit !== undefined) return hit;
    now = then;
    await breathe(Math.abs(moment - start) / total, Math.abs(moment - start));
  }
}

/** An event that may have changed a place: an access to its bytes, or a write to an entry on the way there. */
interface Touch {
  readonly moment: number;
  readonly what: "load" | "write" | "entry";
}

function watchedAt(timeline: Timeline, { place }: Watchpoint, moment: number): Promise<Watched> {
  return timeline.look(moment, (view) => watchedIn(view, place));
}

async function nextTouch(timeline: Timeline, watch: Watchpoint, now: Watched, from: number): Promise<Touch | undefined> {
  if (now.data.length + now.entries.length === 0) return firstTask(timeline, from);
  const touches: (Touch | undefined)[] = [];
  for (const range of watch.access === "load" ? [] : now.data)
    touches.push(touchOf(await timeline.nextWrite(range, from), "write"));
  for (const range of watch.access === "change" ? [] : now.data)
    touches.push(touchOf(await timeline.nextWrite(range, from, { access: "load" }), "load"));
  for (const range of now.entries) touches.push(touchOf(await timeline.nextWrite(range, from), "entry"));
  return extreme(touches, (one, other) => one.moment < other.moment);
}

async function lastTouch(timeline: Timeline, watch: Watchpoint, now: Watched, before: number): Promise<Touch | undefined> {
  const touches: (Touch | undefined)[] = [];
  for (const range of watch.access === "load" ? [] : now.data)
    touches.push(touchOf(await timeline.lastWrite(range, before), "write"));
  for (const range of watch.access === "change" ? [] : now.data)
    touches.push(touchOf(await timeline.lastWrite(range, before, { access: "load" }), "load"));
  for (const range of now.entries) touches.push(touchOf(await timeline.lastWrite(range, before), "entry"));
  return extreme(touches, (one, other) => one.moment > other.moment);
}

/** A task that is not there yet has no tables to follow. */
async function firstTask(timeline: Timeline, from: number): Promise<Touch | undefined> {
  const found = await timeline.find({ from, direction: "forward", kinds: ["task-created"] });
  return found.kind === "found" ? { moment: found.event.moment, what: "entry" } : undefined;
}

function touchOf(access: PastAccess | undefined, what: Touch["what"]): Touch | undefined {
  return access && { moment: access.moment, what };
}

function extreme(touches: readonly (Touch | undefined)[], isBetter: (one: Touch, other: Touch) => boolean): Touch | undefined {
  let best: Touch | undefined;
  for (const touch of touches) if (touch !== undefined && (best === undefined || isBetter(touch, best))) best = touch;
  return best;
}

async function hitOf(
  timeline: Timeline,
  { access, condition }: Watchpoint,
  { moment, what }: Touch,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): Promise<WatchHit | undefined> {
  const isMeant = what === "load" || (access !== "load" && ((what === "write" && access === "access") || !isSame(before, after)));
  if (!isMeant) return undefined;
  const event = await timeline.event(moment);
  if (condition !== undefined && !condition.holds(subjectOf(event, before, after))) return undefined;
  return { event, before, after };
}

function isSame(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.every((byte, index) => byte === right[index]);
}

function subjectOf(event: MachineEvent, before: Uint8Array | undefined, after: Uint8Array | undefined): Subject {
  const { moment, task, processor, vaddr, paddr, length, site, origin } = event;
  const kind = catalogue[event.kind].code;
  const [old, value] = [before, after].map((bytes) => littleEndian(bytes ?? new Uint8Array()));
  return { moment, kind, task, processor, vaddr, paddr, length, site, origin, value, old };
}
