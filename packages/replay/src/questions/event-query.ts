// What a search for an event asks.

import { catalogue } from "@pagelapse/events";
import type { EventBatch, KindName, MachineEvent } from "@pagelapse/events";
import { frameBytes } from "@pagelapse/mmu";
import { modes } from "../format/address-mode.ts";
import type { CodeTable } from "../format/code-table.ts";
import { frameOfKey, keyClass } from "../format/event-key.ts";
import { hasKind } from "../format/segment-header.ts";
import { hasPage } from "../format/summary.ts";
import type { Segment } from "../reader/segment.ts";

/** Addresses of a process, or of physical memory. */
export interface AddressRange {
  readonly space: "virtual" | "physical";
  readonly start: number;
  readonly byteCount: number;
}

/** Which event; what is left out does not matter. */
export interface EventQuery {
  /** `forward`: the first event whose moment is this or a later one. `back`: the last one before this. */
  readonly from: number;
  readonly direction: "forward" | "back";
  readonly kinds?: readonly KindName[];
  /** Address of its instruction. */
  readonly site?: number;
  /** It wrote to these addresses, or loaded from them; of virtual ones only where it did so at the same place in its page. */
  readonly range?: AddressRange;
  /** Among the bytes that it wrote stand these, side by side; a frame that became zero is no such write. */
  readonly bytes?: Uint8Array;
  /** Whether a row is meant; asked only of rows that all else holds for, in the direction of the search. */
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

/** Whether a segment may have such an event, by what it says of all its events together. */
export async function mayHave(segment: Segment, { kinds, site, range }: EventQuery): Promise<boolean> {
  if (kinds?.some((kind) => hasKind(segment.header, catalogue[kind].code)) === false) return false;
  if (range?.space === "virtual") {
    const last = range.start + range.byteCount - 1;
    if (!hasPage(await segment.pages(), Math.floor(range.start / frameBytes), Math.floor(last / frameBytes) + 1)) return false;
  }
  return site === undefined || (await segment.sites()).includes(site);
}

/** Of each code 1 where an event with it may be meant. */
export function meantCodes(table: CodeTable, frameCount: number, { kinds, range, bytes }: EventQuery): Uint8Array {
  const codes = kinds?.map((kind) => catalogue[kind].code);
  const isMeant = new Uint8Array(table.count);
  const [start, end] = range === undefined ? [0, 0] : [range.start, range.start + range.byteCount];
  for (let code = 0; code < table.count; code++) {
    if (codes !== undefined && !codes.includes(table.kind[code])) continue;
    const holds = keyClass(frameCount, table.key[code]);
    if (bytes !== undefined && holds !== "written") continue;
    if (range !== undefined) {
      const isTold = holds !== "kind" && (range.space === "physical" || table.mode[code] === modes.samePlace);
      const page = range.space === "physical" ? frameOfKey(frameCount, table.key[code]) : table.page[code] * frameBytes;
      if (!isTold || page >= end || page + frameBytes <= start) continue;
    }
    isMeant[code] = 1;
  }
  return isMeant;
}
