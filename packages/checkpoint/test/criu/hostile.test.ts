// Files that nobody vouches for: a typed error that says where, or a tree that holds together.

import { BadImage } from "@pagelapse/checkpoint";
import fc from "fast-check";
import { expect, test } from "vitest";
import { treeOf } from "../../src/criu/read-tree.ts";
import { present } from "../present.ts";
import { dump } from "./dump.ts";
import { changes, mutated } from "./mutate.ts";
import { family, written } from "./notation.ts";
import { joined } from "./raw.ts";
import { tiny } from "./refusal.ts";

/** Believed, and then it holds together; or refused, with a place in a file that was asked for. */
function outcome(files: ReadonlyMap<string, Uint8Array>): "believed" | "refused" {
  const asked = new Set<string>();
  let tree;
  try {
    tree = treeOf((name) => (asked.add(name), files.get(name)));
  } catch (error) {
    if (!(error instanceof BadImage)) throw error;
    const length = files.get(error.file)?.length ?? (asked.has(error.file) || error.file.startsWith("pages-") ? 0 : -1);
    if (!(error.offset >= 0 && error.offset <= length)) throw new Error(`offset ${error.offset} of ${length}`, { cause: error });
    return "refused";
  }
  const again = written(tree);
  const { pagesFiles: _, ...rest } = treeOf((name) => again.get(name));
  expect({ ...tree, pagesFiles: _ }).toEqual({ ...rest, pagesFiles: _ });
  return "believed";
}

const seeds = [
  { name: "a tree of ours", files: written(family) },
  { name: "a dump of CRIU", files: dump() },
];

test.each(seeds)("every beginning of every file of $name is refused, or ends between records", ({ files }) => {
  const outcomes = { believed: 0, refused: 0 };
  for (const [name, bytes] of files) {
    for (let length = 0; length < bytes.length; length++)
      outcomes[outcome(new Map(files).set(name, bytes.subarray(0, length)))] += 1;
  }
  expect(outcomes.refused).toBeGreaterThan(20 * outcomes.believed);
  expect(outcomes.believed).toBeGreaterThan(0);
});

test.each(seeds)("changes that keep lengths right, in any file of $name, are refused or make sense", ({ files }) => {
  const outcomes = { believed: 0, refused: 0 };
  fc.assert(
    fc.property(changes(files), (all) => {
      outcomes[outcome(mutated(files, all))] += 1;
    }),
    { numRuns: 3000 },
  );
  expect(outcomes.refused).toBeGreaterThan(300);
  expect(outcomes.believed).toBeGreaterThan(100);
});

test("a file of any bytes is refused or makes sense", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...tiny.keys()),
      fc.uint8Array({ maxLength: 40, size: "max" }),
      fc.boolean(),
      (name, bytes, hasMagics) => {
        const head = present(tiny.get(name)).subarray(0, name === "inventory.img" ? 4 : 8);
        outcome(new Map(tiny).set(name, hasMagics ? joined([head, bytes]) : bytes));
      },
    ),
    { numRuns: 1000 },
  );
});
