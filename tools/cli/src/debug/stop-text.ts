// Stops in words, as they are listed and as they are named when they are reached.

import type { Session } from "./session.ts";
import type { Stop, WatchedPlace } from "./stop.ts";
import { formatAddress, formatCount, formatNumberOf } from "../quantity.ts";

const accesses = { change: "watch", load: "rwatch", access: "awatch" } as const;

/** watch 1, 0x10008 (4 bytes). */
export function stopTitle(stop: Stop): string {
  return stop.kind === "break"
    ? `break ${stop.number}, ${stop.text}`
    : `${accesses[stop.access]} ${stop.number}, ${formatPlace(stop.place)}`;
}

function formatPlace(place: WatchedPlace): string {
  const where = place.space === "physical" ? "physical " : place.task === 0 ? "" : `task ${place.task} `;
  return `${where}${formatAddress(place.address)} (${formatNumberOf(place.byteCount, "byte")})`;
}

/** A line for a list of stops. */
export function stopLine(stop: Stop): string {
  const condition = stop.kind === "watch" && stop.condition !== undefined ? ` if ${stop.condition.text}` : "";
  const hits = stop.hits === 0 ? "" : `, reached ${stop.hits === 1 ? "once" : `${formatCount(stop.hits)} times`}`;
  return `${stopTitle(stop)}${condition}${hits}`;
}

/** The same as JSON. */
export function stopJson(stop: Stop): object {
  const { number, kind, text, hits } = stop;
  return { number, kind, text, hits, ...(stop.kind === "watch" && { access: stop.access, ...stop.place }) };
}

/** The stop of that number. */
export function stopNumbered(session: Session, number: number): Stop | undefined {
  return session.stops.find((stop) => stop.number === number);
}
