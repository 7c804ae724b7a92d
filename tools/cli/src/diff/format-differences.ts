// What differs between two images, told to a person. It fits 80 columns.

import type { AreaDifference, Difference, PageDifference } from "@pagelapse/checkpoint/store";
import { formatArea } from "../area-text.ts";
import { fold } from "../paragraph.ts";
import { printable } from "../printable.ts";
import { formatAddress, formatNumberOf } from "../quantity.ts";

/** The whole text, with the newline at its end; no more than so many pages one by one. */
export function formatDifferences(differences: readonly Difference[], pageLimit: number): string {
  if (differences.length === 0) return "No difference.\n";
  const pages = differences.filter((difference) => difference.kind === "page");
  const lines = differences.flatMap((difference) => {
    switch (difference.kind) {
      case "process":
        return [`process ${difference.pid} only ${difference.side}`];
      case "area":
        return formatAreas(difference);
      case "page":
        return [];
    }
  });
  const bytes = pages.flatMap(({ ranges }) => ranges).reduce((sum, [start, end]) => sum + end - start, 0);
  const unshown =
    pages.length > pageLimit ? [`... and ${formatNumberOf(pages.length - pageLimit, "page")} more (--pages, --json)`] : [];
  const folded = (line: string): readonly string[] => fold(line, 80, "  ");
  return [
    ...lines.flatMap(folded),
    ...pages.slice(0, pageLimit).flatMap((page) => [...folded(formatPage(page)), ...formatFirst(page)]),
    ...[...unshown, `Other: ${formatNumberOf(pages.length, "page")}, ${formatNumberOf(bytes, "known byte")}.`].flatMap(folded),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function formatAreas({ pid, before, after }: AreaDifference): readonly string[] {
  const lines = [before, after].map((area, side) =>
    area === undefined ? [] : [`${side === 0 ? "-" : "+"} ${pid}: ${formatArea(area)}`],
  );
  return lines.flat();
}

/** Ranges are named by their first bytes' offsets; of many, the first few. */
function formatPage({ map, address, before, after, ranges }: PageDifference): string {
  const place = `${printable(map)} ${formatAddress(address)}`;
  if (ranges.length === 0) return `${place}: ${before}, then ${after}`;
  const shown = ranges.slice(0, rangesShown).map(([start, end]) => `${start}-${end - 1}`);
  const more = ranges.length > rangesShown ? `, and ${ranges.length - rangesShown} ranges more` : "";
  return `${place}: bytes ${shown.join(", ")}${more}`;
}

/** What the first range was and is: `  - 61 62  ab`. */
function formatFirst({ first }: PageDifference): readonly string[] {
  if (first === undefined) return [];
  const hex = (bytes: readonly number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const letters = (bytes: readonly number[]): string =>
    bytes.map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCodePoint(byte) : ".")).join("");
  return [`  - ${hex(first.before)}  ${letters(first.before)}`, `  + ${hex(first.after)}  ${letters(first.after)}`];
}

const rangesShown = 6;
