// The small JSON of an event as words.

import type { Area } from "@pagelapse/vma";
import { formatArea, formatRange, formatRights } from "../area-text.ts";
import { printable, toJsonText } from "../printable.ts";
import { formatAddress } from "../quantity.ts";

/** Members of details that are addresses. */
const addressNames: ReadonlySet<string> = new Set(["start", "from", "to", "brk", "startBrk", "root"]);

/** What a system call takes and gives is an address, most likely, if it is no less. */
const pageBytes = 4096;

/** Members in their order, "name value" between commas, but for the one that repeats the kind of the event. */
export function formatDetail(kind: string, detail: object): string {
  const members = Object.entries(detail).filter(([name, value]) => value !== undefined && !(name === "kind" && value === kind));
  const end = members.find(([name]) => name === "end")?.[1];
  return members
    .filter(([name]) => name !== "end")
    .map(([name, value]) => {
      if (name === "start" && typeof value === "number" && typeof end === "number") return formatRange(value, end);
      if (name === "flags" && typeof value === "number" && kind.startsWith("area-")) return formatRights(value);
      return isArea(value) ? formatArea(value) : `${name} ${formatValue(name, value)}`;
    })
    .join(", ");
}

function formatValue(name: string, value: unknown): string {
  if (typeof value === "number" && (addressNames.has(name) || (name === "result" && value >= pageBytes)))
    return formatAddress(value);
  if (name === "arguments" && Array.isArray(value)) return `(${value.map((each) => formatValue("result", each)).join(", ")})`;
  return typeof value === "string" ? printable(value) : toJsonText(value);
}

function isArea(value: unknown): value is Area {
  return typeof value === "object" && value !== null && "start" in value && "end" in value && "flags" in value && "name" in value;
}
