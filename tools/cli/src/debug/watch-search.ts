// The next hit of a watchpoint, in either direction. A page that is copied, moved or swapped is followed.

import type { MachineEvent } from "@pagelapse/events";
import { catalogue } from "@pagelapse/events";
import type { AccessFilter, MemoryRange, PastAccess, Timeline } from "@pagelapse/replay";
import { littleEndian } from "../little-endian.ts";
import type { Subject } from "./condition.ts";
import type { Breathe } from "./session.ts";
import type { Watchpoint } from "./stop.ts";
import { watchedIn } from "./watched-memory.ts";
import type { Watched } from "./watched-memory.ts";

/*
 * What a place holds is decided by the bytes it stands in, and by the entries of the page tables that lead there. So the next
 * write to any of these is the next moment at which it can change, and between two of them nothing need be looked at. A
 * debug register watches an address alone; who follows the entries sees copy-on-write, swap and migration, too.
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
  for (let moment = start; ;) {
    const touch = await touchFrom(timeline, watch, await watchedAt(timeline, watch, moment), moment);
    if (!isIn(touch)) return undefined;
    moment = beyond(touch);
    const [before, after] = [await watchedAt(timeline, watch, touch.moment), await watchedAt(timeline, watch, touch.moment + 1)];
    await breathe(Math.abs(moment - start) / total, Math.abs(moment - start));
    if (isMeant(watch, touch, before.bytes, after.bytes)) {
      const [now, then] = isForward ? [before, after] : [after, before];
      const back = touch.what === "entry" ? await touchFrom(timeline, watch, then, moment) : undefined;
      const again = back?.what === "entry" ? await watchedAt(timeline, watch, beyond(back)) : undefined;
      // Who breaks copy-on-write unmaps the page before the copy is mapped. What comes back as it was has not changed.
      if (isIn(back) && again !== undefined && isSame(now.bytes, again.bytes)) {
        moment = beyond(back);
        continue;
      }
      const event = await timeline.event(touch.moment);
      if (watch.condition?.holds(subjectOf(event, before.bytes, after.bytes)) !== false)
        return { event, before: before.bytes, after: after.bytes };
    }
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
  const touches = await touchesOf(watch, now, (range, filter) => timeline.nextWrite(range, from, filter));
  touches.push(await awaitedFact(timeline, now, from, "forward"));
  return extreme(touches, (one, other) => one.moment < other.moment);
}

async function lastTouch(timeline: Timeline, watch: Watchpoint, now: Watched, before: number): Promise<Touch | undefined> {
  const touches = await touchesOf(watch, now, (range, filter) => timeline.lastWrite(range, before, filter));
  touches.push(await awaitedFact(timeline, now, before, "back"));
  return extreme(touches, (one, other) => one.moment > other.moment);
}

/** The nearest access to each range that decides what a place holds. */
async function touchesOf(
  { access }: Watchpoint,
  { data, entries }: Watched,
  nearest: (range: MemoryRange, filter?: AccessFilter) => Promise<PastAccess | undefined>,
): Promise<(Touch | undefined)[]> {
  const touches: (Touch | undefined)[] = [];
  for (const range of entries) touches.push(touchOf(await nearest(range), "entry"));
  for (const range of access === "load" ? [] : data) touches.push(touchOf(await nearest(range), "write"));
  for (const range of access === "change" ? [] : data) touches.push(touchOf(await nearest(range, { access: "load" }), "load"));
  return touches;
}

async function awaitedFact(
  timeline: Timeline,
  { awaited }: Watched,
  from: number,
  direction: "forward" | "back",
): Promise<Touch | undefined> {
  if (awaited.length === 0) return undefined;
  const found = await timeline.find({ from, direction, kinds: awaited });
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

/** What is not mapped, or not known, has no value that an entry could change; a write gives it one. */
function isMeant(
  { access }: Watchpoint,
  { what }: Touch,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): boolean {
  if (what === "load") return true;
  if (access === "load") return false;
  if (what === "write") return access === "access" || !isSame(before, after);
  return before !== undefined && after !== undefined && !isSame(before, after);
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
