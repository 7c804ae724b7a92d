// The next event that a question is about, in either direction.

import { MachineEvent, catalogue } from "@pagelapse/events";
import type { EventBatch } from "@pagelapse/events";
import { kindKey, roleOf, roles } from "../format/event-key.ts";
import { RECORD } from "../format/run.ts";
import { stretchEvents } from "../format/segment-header.ts";
import { firstRows, isScanDue, segmentEvents } from "../reader/past-events.ts";
import type { Recording } from "../reader/recording.ts";
import { decodeRun } from "../reader/run-events.ts";
import { wordOf } from "../reader/segment.ts";
import type { Segment } from "../reader/segment.ts";
import { SegmentScan } from "../reader/segment-scan.ts";
import { columnMatch } from "./column-matches.ts";
import { mayHave, meantCodes } from "./event-query.ts";
import type { AddressRange, EventQuery, FoundEvent } from "./event-query.ts";
import { runMatches } from "./run-matches.ts";

/**
 * Searches. Segments that have no such kind, site or page are passed over; a range, bytes, or kinds that are no writes and no loads
 * are looked for in the runs that may have them, kinds and sites in their columns, and only what `where` alone knows in everything.
 */
export async function findEvent(recording: Recording, query: EventQuery): Promise<FoundEvent> {
  const search = new EventSearch(recording, query);
  const isForward = query.direction === "forward";
  for (let moment = query.from; isForward ? moment < recording.moments : moment > 0;) {
    const segment = recording.segmentBefore(isForward ? moment + 1 : moment);
    const { firstEvent, events } = segment.header;
    const [from, to] = isForward ? [moment - firstEvent, events] : [0, moment - firstEvent];
    const found = (await mayHave(segment, query)) ? await search.findIn(segment, from, to) : undefined;
    if (found !== undefined) return found;
    moment = firstEvent + (isForward ? to : from);
    if (await search.isStopped(moment)) return { kind: "stopped", moment };
  }
  return { kind: "none" };
}

/** A search under way. */
class EventSearch {
  readonly #recording: Recording;
  readonly #query: EventQuery;
  readonly #scan: SegmentScan;
  /** Rows of the next batch that is looked up run by run; after a few of them segments are gone through whole. */
  #rows = firstRows;

  constructor(recording: Recording, query: EventQuery) {
    this.#recording = recording;
    this.#query = query;
    this.#scan = new SegmentScan(recording.frameCount);
  }

  async isStopped(moment: number): Promise<boolean> {
    const { from, direction, progress } = this.#query;
    const total = direction === "forward" ? this.#recording.moments - from : from;
    return (await progress?.(Math.abs(moment - from), total)) === "stop";
  }

  /** The nearest one among positions [from, to) of a segment. */
  async findIn(segment: Segment, from: number, to: number): Promise<FoundEvent | undefined> {
    const query = this.#query;
    const table = await segment.codes();
    const isMeant = meantCodes(table, this.#recording.frameCount, query);
    if (!isMeant.includes(1)) return undefined;
    if (query.range !== undefined || query.bytes !== undefined) {
      const { frameCount } = this.#recording;
      return this.#nearest(segment, isMeant, await runMatches(segment, frameCount, table, isMeant, query, from, to));
    }
    if (query.site === undefined && query.kinds?.every((kind) => roleOf[catalogue[kind].code] >= roles.plain) === true) {
      return this.#nearest(segment, isMeant, await this.#plainPositions(segment, from, to));
    }
    if (query.where !== undefined) return this.#findByRows(segment, isMeant, from, to);
    const position = await columnMatch(segment, isMeant, query, from, to);
    return position < 0 ? undefined : this.#found(segment, position);
  }

  /** Positions of events that are no writes and no loads, which lie side by side. */
  async #plainPositions(segment: Segment, from: number, to: number): Promise<Uint32Array> {
    const positions: number[] = [];
    for (const kind of this.#query.kinds ?? []) {
      const key = kindKey(this.#recording.frameCount, catalogue[kind].code);
      let record = (await segment.lastRecord(key, from + 1)) ?? (await segment.firstRecord(key, 0));
      while (record !== undefined && wordOf(record, RECORD.key) === key && wordOf(record, RECORD.position) < to) {
        const events = decodeRun(record, await segment.run(record), this.#recording.frameCount, segment.header.offset);
        for (const position of events.positions) if (position >= from && position < to) positions.push(position);
        record = await segment.record(record.index + 1);
      }
    }
    return Uint32Array.from(positions).toSorted();
  }

  /** The nearest of these positions for which all else holds. */
  async #nearest(segment: Segment, isMeant: Uint8Array, positions: Uint32Array): Promise<FoundEvent | undefined> {
    const { direction, range, site, where } = this.#query;
    const siteCode = site === undefined ? -1 : (await segment.sites()).indexOf(site);
    for (let i = 0; i < positions.length; i++) {
      const position = positions[direction === "forward" ? i : positions.length - 1 - i];
      const stretch = Math.floor(position / stretchEvents);
      const row = position - stretch * stretchEvents;
      if (isMeant[(await segment.codesIn(stretch))[row]] !== 1) continue;
      if (siteCode >= 0 && (await segment.sitesIn(stretch))[row] !== siteCode) continue;
      const batch = await segmentEvents(this.#recording, segment, position, position + 1);
      const isThere = range === undefined || touches(batch, range);
      if (isThere && where?.(batch, 0) !== false) return { kind: "found", event: new MachineEvent(batch, 0) };
      const moment = batch.firstMoment + (direction === "forward" ? 1 : 0);
      if ((i & 255) === 255 && (await this.isStopped(moment))) return { kind: "stopped", moment };
    }
    return undefined;
  }

  async #found(segment: Segment, position: number): Promise<FoundEvent> {
    return { kind: "found", event: new MachineEvent(await segmentEvents(this.#recording, segment, position, position + 1), 0) };
  }

  /** Asks `where` of all rows with the codes that are meant. */
  async #findByRows(segment: Segment, isMeant: Uint8Array, from: number, to: number): Promise<FoundEvent | undefined> {
    const isForward = this.#query.direction === "forward";
    for (let [start, end] = [from, to]; start < end; this.#rows *= 4) {
      if (isScanDue(segment, this.#rows, end - start)) {
        const range = { from: start, to: end, direction: this.#query.direction };
        for await (const batch of this.#scan.stretches(
          segment,
          range,
          "lent",
          this.#query.kinds === undefined ? undefined : isMeant,
        )) {
          const found = await this.#findInBatch(batch);
          if (found !== undefined) return found;
        }
        return undefined;
      }
      const rows = Math.min(this.#rows, end - start);
      const [first, last] = isForward ? [start, start + rows] : [end - rows, end];
      const found = await this.#findInBatch(await segmentEvents(this.#recording, segment, first, last));
      if (found !== undefined) return found;
      if (isForward) start = last;
      else end = first;
    }
    return undefined;
  }

  async #findInBatch(batch: EventBatch): Promise<FoundEvent | undefined> {
    const isForward = this.#query.direction === "forward";
    const row = this.#rowIn(batch);
    if (row >= 0) return { kind: "found", event: new MachineEvent(batch.copy(), row) };
    const moment = isForward ? batch.firstMoment + batch.count : batch.firstMoment;
    return (await this.isStopped(moment)) ? { kind: "stopped", moment } : undefined;
  }

  /** The nearest row that is meant, or -1. */
  #rowIn(batch: EventBatch): number {
    const { kinds, site, where = () => true, direction } = this.#query;
    const isKindMeant = new Uint8Array(256).fill(kinds === undefined ? 1 : 0);
    for (const kind of kinds ?? []) isKindMeant[catalogue[kind].code] = 1;
    const isForward = direction === "forward";
    for (let i = 0; i < batch.count; i++) {
      const row = isForward ? i : batch.count - 1 - i;
      if (isKindMeant[batch.kind[row]] === 1 && (site === undefined || batch.site[row] === site) && where(batch, row)) return row;
    }
    return -1;
  }
}

/** A key may have several pages that are meant: whether the first row is about its own. */
function touches({ paddr, vaddr, length }: EventBatch, { space, start, byteCount }: AddressRange): boolean {
  const address = space === "physical" ? paddr[0] : vaddr[0];
  return address < start + byteCount && address + length[0] > start;
}
