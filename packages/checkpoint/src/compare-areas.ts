// Two lists of areas side by side: the ranges in which they differ in what a program can see.

import { VM_ACCESS_FLAGS, VM_SHARED } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { WrongKind } from "./comparison.ts";

/** A range that is wrong throughout. */
export interface WrongRange {
  readonly start: number;
  readonly end: number;
  readonly kind: WrongKind;
}

/**
 * The ranges, in order, that only one side maps, or that both map with another protection, sharing, file or offset. Where
 * areas begin and end does not matter, only what each page is.
 */
export function compareAreas(expected: readonly Area[], actual: readonly Area[]): readonly WrongRange[] {
  const wrong: WrongRange[] = [];
  let i = 0;
  let j = 0;
  let at = 0;
  while (i < expected.length || j < actual.length) {
    const left = expected[i] as Area | undefined;
    const right = actual[j] as Area | undefined;
    at = Math.max(at, Math.min(left?.start ?? Infinity, right?.start ?? Infinity));
    const end = Math.min(nextEdge(left, at), nextEdge(right, at));
    const kind = judge(
      left !== undefined && left.start <= at ? left : undefined,
      right !== undefined && right.start <= at ? right : undefined,
      at,
    );
    if (kind !== undefined) wrong.push({ start: at, end, kind });
    at = end;
    if (left?.end === end) i++;
    if (right?.end === end) j++;
  }
  return wrong;
}

/** Where an area next begins or ends, from `at` on. */
function nextEdge(area: Area | undefined, at: number): number {
  if (area === undefined) return Infinity;
  return area.start > at ? area.start : area.end;
}

function judge(expected: Area | undefined, actual: Area | undefined, at: number): WrongKind | undefined {
  if (expected === undefined) return actual === undefined ? undefined : "resurrected";
  if (actual === undefined) return "lost";
  const flags = (expected.flags ^ actual.flags) & (VM_ACCESS_FLAGS | VM_SHARED);
  const sameFile =
    expected.file === actual.file && (expected.file === undefined || placeOf(expected, at) === placeOf(actual, at));
  return flags === 0 && sameFile ? undefined : "stale";
}

function placeOf(area: Area, at: number): number {
  return area.offset + (at - area.start);
}
