// A history done twice, to areas and to pages, and compared after every call.

import { areaAt, areasIn, canMerge } from "@pagelapse/vma";
import type { Area, AreaChange } from "@pagelapse/vma";
import * as fc from "fast-check";
import { expect } from "vitest";
import { histories } from "./histories.ts";
import { formatAreas, page } from "./notation.ts";
import type { Line } from "./notation.ts";
import { PageModel, pagesOf } from "./page-model.ts";
import { perform, tinyLayout, verbs } from "./process.ts";
import type { Process, Verbs } from "./process.ts";

/** Little room beside the window, so that new mappings are placed among what stands there. */
const layout = {
  ...tinyLayout,
  taskSize: 34 * page,
  mmapBase: 30 * page,
  mmapLegacyBase: 8 * page,
  stackLimit: 64 * page,
  mapCountLimit: 1000,
};
export const window = { first: 10, end: 30, heap: { first: 4, end: 14 }, limit: 34 };
export const start: Process = { areas: [], layout };

/** Where a stack starts is no matter of pages, so `mprotect down` is left to the examples and to Linux. */
export const history: fc.Arbitrary<readonly Line[]> = histories(window, 30).map((lines) =>
  lines.filter((line) => !/^mprotect.* down$/.test(line)),
);

/** Does the lines one after the other, compares with the model after each, and tells what was met on the way. */
export function compareWithModel(lines: readonly Line[], using: Verbs = verbs): readonly string[] {
  const model = new PageModel(layout);
  const checked: Verbs = {
    ...using,
    apply: (areas, change) => {
      if (!mayHappen(areas, change)) throw new Error(`happens where it cannot: ${JSON.stringify(change)}`);
      return using.apply(areas, change);
    },
  };
  const met: string[] = [];
  let process = start;
  for (const text of lines) {
    const before = process;
    deepFreeze(before.areas);
    const { process: after, result } = perform(before, text, checked);
    checkShape(after.areas);
    checkMerging(before.areas, after.areas, text);
    const object = Math.max(0, ...after.areas.map((area) => area.object ?? 0));
    const isMapped = areaAt(after.areas, Number(text.split(" ")[1]) * page) !== undefined;
    const expected = model.perform(text, { result, object, isMapped });
    expect(`${text} -> ${result}`).toBe(`${text} -> ${expected}`);
    expect(pagesOf(after.areas).join("\n")).toBe(model.texts().join("\n"));
    met.push(...states(before.areas, after.areas, text, result));
    process = after;
  }
  return met;
}

function checkShape(areas: readonly Area[]): void {
  areas.forEach((area, index) => {
    if (area.start % page !== 0 || area.end % page !== 0 || area.offset % page !== 0) throw new Error("not at a page");
    if (area.start >= area.end || area.start < layout.mmapMinimum || area.end > layout.taskSize)
      throw new Error("empty or outside");
    if (index > 0 && areas[index - 1].end > area.start) throw new Error("not in order, or two at one place");
  });
}

/** What a change promises of the areas that it happens to. */
function mayHappen(areas: readonly Area[], change: AreaChange): boolean {
  const count = (from: number, to: number): number => areasIn(areas, from, to).length;
  switch (change.kind) {
    case "area-mapped":
      return count(change.area.start, change.area.end) === 0;
    case "area-moved":
      return (
        count(change.to, change.to + change.newByteCount) === 0 &&
        (areaAt(areas, change.from)?.end ?? 0) >= change.from + change.byteCount
      );
    case "area-grown":
      return (
        count(change.start, change.end) === 0 && areas.some((area) => area.start === change.end || area.end === change.start)
      );
    case "area-unmapped":
      return count(change.start, change.end) > 0;
    case "area-protected":
    case "area-advised":
    case "area-discarded":
    case "area-freed":
      return (areaAt(areas, change.start)?.end ?? 0) >= change.end;
    case "anon-vma-prepared":
      return areas.some((area) => area.start === change.start && area.anonVma === undefined);
  }
  return change.kind === "break-moved";
}

/** Neighbours that could be one are one, unless they met by what Linux does not merge after: a stack that grew, or pages moved away. */
function checkMerging(before: readonly Area[], after: readonly Area[], text: Line): void {
  if (/^touch|^brk|keep/.test(text)) return;
  const apart = new Set(mergeable(before));
  const left = mergeable(after).filter((at) => !apart.has(at));
  if (left.length > 0) throw new Error(`${text} leaves two areas that could be one, at ${left.join(", ")}`);
}

function mergeable(areas: readonly Area[]): readonly number[] {
  return areas.flatMap((area, index) => (index > 0 && canMerge(areas[index - 1], area) ? [area.start / page] : []));
}

function states(before: readonly Area[], after: readonly Area[], text: Line, result: string): readonly string[] {
  const verb = text.split(" ")[0];
  const isFailure = /^E|^SIG/.test(result);
  const changed = formatAreas(before) !== formatAreas(after);
  const found = [`${verb} ${isFailure ? result : "ok"}`];
  if (isFailure && changed) found.push(`${verb} fails half way`);
  if (after.length > before.length && verb !== "mmap") found.push(`${verb} splits`);
  if (after.length < before.length && verb !== "munmap") found.push(`${verb} merges`);
  if (new Set(after.map((area) => area.anonVma)).size > 2) found.push("several anon_vmas");
  if (after.some((area) => area.anonVma !== undefined && area.file === undefined && area.offset !== area.start))
    found.push("pages moved");
  if (after.some((area) => area.file !== undefined && area.anonVma !== undefined)) found.push("a file's private pages");
  if (verb === "mremap" && !isFailure && result === text.split(" ")[1] && changed) found.push("mremap in place");
  if (verb === "touch" && after.some((area) => before.every((other) => other.start !== area.start))) found.push("a stack grew");
  return found;
}

function deepFreeze(areas: readonly Area[]): void {
  areas.forEach(Object.freeze);
  Object.freeze(areas);
}
