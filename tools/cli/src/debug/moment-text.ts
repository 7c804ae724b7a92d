// Moments as they are given by hand: 24,433, 40 %, +100, -1, start, end, or a mark.

import { nearest } from "../nearest.ts";
import { quote } from "../printable.ts";
import { formatCount } from "../quantity.ts";
import { Refusal } from "../refusal.ts";
import type { Session } from "./session.ts";

/** The moment that a text names. Throws a `Refusal` for none, and for one that the recording does not have. */
export function parseMoment(session: Session, text: string): number {
  const moment = momentOf(session, text.trim());
  if (moment >= 0 && moment <= session.end) return moment;
  throw new Refusal(`expected a moment of 0 to ${formatCount(session.end)}, found ${quote(text)}`);
}

function momentOf(session: Session, text: string): number {
  const mark = session.marks.get(text);
  if (mark !== undefined) return mark;
  if (text === "start") return 0;
  if (text === "end") return session.end;
  if (text === ".") return session.moment;
  const share = /^(\d{1,3}(?:\.\d{1,12})?) ?%$/.exec(text);
  if (share !== null) return Math.ceil((Number(share[1]) / 100) * session.end);
  const [, sign, digits] = /^([+-]?)(\d{1,15}|[1-9]\d{0,2}(?:,\d{3}){1,4})$/.exec(text) ?? [];
  if (digits === undefined) throw unknownMoment(session, text);
  const count = Number(digits.replaceAll(",", ""));
  if (sign === "") return count;
  return session.moment + (sign === "+" ? count : -count);
}

function unknownMoment(session: Session, text: string): Refusal {
  const near = nearest(text, momentNames(session));
  const guess = near === undefined ? "" : ` (did you mean ${near}?)`;
  return new Refusal(`expected a moment such as 1,000, 40%, +10, end or a mark, found ${quote(text)}${guess}`);
}

/** The words that name moments. */
export function momentNames(session: Session): readonly string[] {
  return [...session.marks.keys(), "start", "end"];
}

/** 24,433 (40.00 %). */
export function formatMoment(session: Session, moment: number): string {
  return `${formatCount(moment)} (${formatPercent(session, moment)})`;
}

/** How far in the recording a moment is; 100 % is the end alone. */
export function formatPercent({ end }: Session, moment: number): string {
  const hundredths = end === 0 ? 0 : Math.floor((moment / end) * 10_000);
  return `${(hundredths / 100).toFixed(2)} %`;
}
