// The first or the last event of a segment with one of some codes, and with a site: two columns tell.

import { catalogue } from "@pagelapse/events";
import { stretchEvents } from "../format/segment-header.ts";
import { kindBytes } from "../format/summary.ts";
import type { Segment } from "../reader/segment.ts";
import type { EventQuery } from "./event-query.ts";

/** The position in [from, to) of the nearest one; -1: none. Stretches without such a kind are passed over. */
export async function columnMatch(
  segment: Segment,
  isMeant: Uint8Array,
  { kinds, site, direction }: EventQuery,
  from: number,
  to: number,
): Promise<number> {
  const siteCode = site === undefined ? -1 : (await segment.sites()).indexOf(site);
  const stretchKinds = await segment.stretchKinds();
  const codes = kinds?.map((kind) => catalogue[kind].code);
  const [first, last] = [Math.floor(from / stretchEvents), Math.floor((to - 1) / stretchEvents)];
  for (let i = 0; i <= last - first; i++) {
    const stretch = direction === "forward" ? first + i : last - i;
    if (codes?.some((code) => (stretchKinds[stretch * kindBytes + (code >>> 3)] & (1 << (code & 7))) !== 0) === false) continue;
    const start = stretch * stretchEvents;
    const bounds = { from: Math.max(from, start) - start, to: Math.min(to, start + stretchEvents) - start };
    const sites = siteCode < 0 ? undefined : await segment.sitesIn(stretch);
    if (sites !== undefined && !sites.subarray(bounds.from, bounds.to).includes(siteCode)) continue;
    const at = scan(await segment.codesIn(stretch), sites, isMeant, siteCode, bounds, direction);
    if (at >= 0) return start + at;
  }
  return -1;
}

/** The first or the last row that is meant, or -1. */
function scan(
  codes: Uint32Array,
  sites: Uint32Array | undefined,
  isMeant: Uint8Array,
  siteCode: number,
  { from, to }: { readonly from: number; readonly to: number },
  direction: "forward" | "back",
): number {
  const step = direction === "forward" ? 1 : -1;
  for (let at = direction === "forward" ? from : to - 1; at >= from && at < to; at += step) {
    if (isMeant[codes[at]] === 1 && (sites === undefined || sites[at] === siteCode)) return at;
  }
  return -1;
}
