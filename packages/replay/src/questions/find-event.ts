// The next event that a question is about, in either direction.

import { MachineEvent, catalogue } from "@pagelapse/events";
import type { EventBatch, KindName } from "@pagelapse/events";
import { hasKind, stretchEvents } from "../format/segment-header.ts";
import { pastBatches, segmentEvents } from "../reader/past-events.ts";
import type { Recording } from "../reader/recording.ts";
import type { Segment } from "../reader/segment.ts";

/** Which event; what is left out does not matter. */
export interface EventQuery {
  /** `forward`: the first event whose moment is this or a later one. `back`: the last one before this. */
  readonly from: number;
  readonly direction: "forward" | "back";
  readonly kinds?: readonly KindName[];
  /** Address of its instruction. */
  readonly site?: number;
  /** Whether a row is meant; asked only of rows of these kinds and that site, in the direction of the search. */
  readonly where?: (batch: EventBatch, row: number) => boolean;
  /**
   * Told now and then of how many of the events that there are in that direction were looked at; waited for, so that whoever
   * interrupts gets a turn. `stop` ends the search.
   */
  readonly progress?: (lookedAt: number, of: number) => Promise<"stop" | "go on"> | "stop" | "go on";
}

/** What became of a search. `moment` of one that was stopped is where to go on. */
export type FoundEvent =
  | { readonly kind: "found"; readonly event: MachineEvent }
  | { readonly kind: "none" }
  | { readonly kind: "stopped"; readonly moment: number };

/** Searches. Segments that have no such kind, or not that site, are passed over unread. */
export async function findEvent(recording: Recording, query: EventQuery): Promise<FoundEvent> {
  const { from, direction, progress } = query;
  const total = direction === "forward" ? recording.moments - from : from;
  let moment = from;
  while (direction === "forward" ? moment < recording.moments : moment > 0) {
    const segment = recording.segmentBefore(direction === "forward" ? moment + 1 : moment);
    const { firstEvent, events } = segment.header;
    const range: Range = direction === "forward" ? { from: moment, to: firstEvent + events } : { from: firstEvent, to: moment };
    const found = (await mayHave(segment, query)) ? await findIn(recording, segment, range, query, total) : undefined;
    if (found !== undefined) return found;
    moment = direction === "forward" ? range.to : range.from;
    if ((await progress?.(Math.abs(moment - from), total)) === "stop") return { kind: "stopped", moment };
  }
  return { kind: "none" };
}

/** Moments. */
interface Range {
  readonly from: number;
  readonly to: number;
}

async function mayHave(segment: Segment, { kinds, site }: EventQuery): Promise<boolean> {
  if (kinds?.some((kind) => hasKind(segment.header, catalogue[kind].code)) === false) return false;
  return site === undefined || (await segment.sites()).includes(site);
}

async function findIn(
  recording: Recording,
  segment: Segment,
  range: Range,
  query: EventQuery,
  total: number,
): Promise<FoundEvent | undefined> {
  if (query.where === undefined) return findByColumns(recording, segment, range, query);
  const kinds = query.kinds?.map((kind) => catalogue[kind].code);
  const isMeant = (batch: EventBatch, row: number): boolean =>
    (kinds === undefined || kinds.includes(batch.kind[row])) &&
    (query.site === undefined || batch.site[row] === query.site) &&
    query.where?.(batch, row) === true;
  const isForward = query.direction === "forward";
  const batches = pastBatches(recording, range.from, range.to, query.direction, "lent");
  for await (const batch of batches) {
    for (let i = 0; i < batch.count; i++) {
      const row = isForward ? i : batch.count - 1 - i;
      if (isMeant(batch, row)) return { kind: "found", event: new MachineEvent(batch, row) };
    }
    const moment = isForward ? batch.firstMoment + batch.count : batch.firstMoment;
    if ((await query.progress?.(Math.abs(moment - query.from), total)) === "stop") return { kind: "stopped", moment };
  }
  return undefined;
}

/** Where kind and site are all that matters, two columns tell. */
async function findByColumns(
  recording: Recording,
  segment: Segment,
  range: Range,
  { kinds, site, direction }: EventQuery,
): Promise<FoundEvent | undefined> {
  const { firstEvent } = segment.header;
  const table = await segment.codes();
  const codes = kinds?.map((kind) => catalogue[kind].code);
  const isCodeMeant = table.kind.map((kind) => (codes === undefined || codes.includes(kind) ? 1 : 0));
  const siteCode = site === undefined ? -1 : (await segment.sites()).indexOf(site);
  const [from, to] = [range.from - firstEvent, range.to - firstEvent];
  const [first, last] = [Math.floor(from / stretchEvents), Math.floor((to - 1) / stretchEvents)];
  for (let i = 0; i <= last - first; i++) {
    const stretch = direction === "forward" ? first + i : last - i;
    const start = stretch * stretchEvents;
    const columns = [await segment.codesIn(stretch), siteCode < 0 ? undefined : await segment.sitesIn(stretch)] as const;
    const bounds = { from: Math.max(from, start) - start, to: Math.min(to, start + stretchEvents) - start };
    const at = scan(columns, isCodeMeant, siteCode, bounds, direction);
    if (at < 0) continue;
    const batch = await segmentEvents(recording, segment, start + at, start + at + 1);
    return { kind: "found", event: new MachineEvent(batch, 0) };
  }
  return undefined;
}

/** The first or the last place that is meant, or -1. */
function scan(
  [codes, sites]: readonly [Uint32Array, Uint32Array | undefined],
  isCodeMeant: Uint8Array,
  siteCode: number,
  { from, to }: Range,
  direction: "forward" | "back",
): number {
  const step = direction === "forward" ? 1 : -1;
  for (let at = direction === "forward" ? from : to - 1; at >= from && at < to; at += step) {
    if (isCodeMeant[codes[at]] === 1 && (sites === undefined || sites[at] === siteCode)) return at;
  }
  return -1;
}
