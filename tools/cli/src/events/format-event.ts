// One event as a line for people.

import { catalogue } from "@pagelapse/events";
import type { MachineEvent } from "@pagelapse/events";
import { formatAddress } from "../quantity.ts";
import { formatDetail } from "./format-detail.ts";

/** The line above the events. */
export const eventHeading: string = formatCells("moment", "kind", "virtual", "physical", "size", "what");

/**
 * Of long values the first bytes are shown. A kind that has nothing but a detail says it right behind its name. A store
 * of eight bytes takes 77 columns; the instruction that made it stands behind.
 */
export function formatEvent(event: MachineEvent): string {
  const columns: readonly string[] = catalogue[event.kind].columns;
  const what = explain(event);
  if (!columns.includes("vaddr")) return `${formatStart(`${event.moment}`, event.kind)}  ${what}`;
  const paddr = columns.includes("paddr") ? formatAddress(event.paddr) : "";
  const length = columns.includes("length") ? `${event.length}` : "";
  return formatCells(`${event.moment}`, event.kind, formatAddress(event.vaddr), paddr, length, what);
}

function formatCells(moment: string, kind: string, vaddr: string, paddr: string, length: string, what: string): string {
  return `${formatStart(moment, kind)}  ${vaddr.padStart(14)}  ${paddr.padStart(10)}  ${length.padStart(4)}  ${what}`.trimEnd();
}

function formatStart(moment: string, kind: string): string {
  return `${moment.padStart(8)}  ${kind.padEnd(15)}`;
}

function explain(event: MachineEvent): string {
  const words: string[] = [];
  if (event.bytes.length > 0) words.push(showBytes(event.bytes));
  if (event.from !== undefined) words.push(`from ${formatAddress(event.from)}`);
  if (event.detail !== undefined) words.push(formatDetail(event.kind, event.detail));
  if (event.site !== 0) words.push(`by ${formatAddress(event.site)}`);
  return words.join("  ");
}

function showBytes(bytes: Uint8Array): string {
  const limit = 8;
  const digits = [...bytes.subarray(0, limit)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return bytes.length > limit ? `${digits}...` : digits;
}
