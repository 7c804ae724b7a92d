// Examples, a line a case: areas before, a call, its result, areas after (`=`: as before).

import type { AddressLayout } from "@pagelapse/vma";
import { expect, test } from "vitest";
import { formatAreas, parseAreas } from "./notation.ts";
import type { AreasText, Line } from "./notation.ts";
import { perform, tinyLayout } from "./process.ts";

type Case = readonly [promise: string, before: AreasText, call: Line, result: string, after: AreasText];

/** Each case under the tiny layout, some of it changed; numbers are pages. */
export function cases(verb: string, list: readonly Case[], changed: Partial<AddressLayout> = {}): void {
  const layout = { ...tinyLayout, ...changed };
  test.each(list.map((item) => [item[0], item] as const))(`${verb}: %s`, (_, [, before, call, expected, after]) => {
    const areas = parseAreas(before);
    expect(formatAreas(areas)).toBe(before);
    const { process, result } = perform({ areas, layout }, call);
    expect([result, formatAreas(process.areas)]).toEqual([expected, after === "=" ? before : after]);
  });
}
