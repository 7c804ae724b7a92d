// A machine's areas beside the layout that Valgrind printed when the program ended.

import { frameBytes } from "@pagelapse/mmu";
import { VM_GROWSDOWN, areaAt, protOf } from "@pagelapse/vma";
import type { Area } from "@pagelapse/vma";
import type { LayoutSegment } from "./valgrind-layout.ts";

/** A range of pages that is not as Valgrind has it. Protections are PROT_*; `undefined`: not mapped. */
export interface LayoutDifference {
  readonly start: number;
  readonly end: number;
  readonly expected: number | undefined;
  readonly found: number | undefined;
}

/** What the comparison found. */
export interface LayoutResult {
  /** Pages that the program had mapped. */
  readonly pages: number;
  /** Pages of the stack that Valgrind had made room for and nobody touched: the machine has none of those. */
  readonly untouchedStackPages: number;
  readonly differences: readonly LayoutDifference[];
}

/**
 * Compares page by page which addresses are mapped, and what they allow. A stack may be shorter here: Valgrind extends
 * it also where the program then touches nothing.
 */
export function compareLayout(areas: readonly Area[], segments: readonly LayoutSegment[]): LayoutResult {
  const bounds = [...areas, ...segments].flatMap(({ start, end }) => [start, end]);
  const edges = [...new Set(bounds)].toSorted((a, b) => a - b);
  const differences: LayoutDifference[] = [];
  let untouched = 0;
  edges.slice(1).forEach((end, index) => {
    const start = edges[index];
    const segment = segments.find((each) => each.start <= start && start < each.end);
    const area = areaAt(areas, start);
    const expected = segment?.prot;
    const found = area === undefined ? undefined : protOf(area.flags);
    if (expected === found) return;
    const isStack =
      segment !== undefined &&
      areas.some((each) => (each.flags & VM_GROWSDOWN) !== 0 && each.end === segment.end && each.start === end);
    if (isStack && found === undefined) untouched += (end - start) / frameBytes;
    else differences.push({ start, end, expected, found });
  });
  const pages = segments.reduce((sum, { start, end }) => sum + end - start, 0) / frameBytes;
  return { pages, untouchedStackPages: untouched, differences };
}
