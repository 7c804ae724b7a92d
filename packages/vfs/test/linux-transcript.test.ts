// What Linux 6.18 answered to eighty random lists of operations on a tmpfs, held against every world everywhere.
//
// Where this is Linux it must still answer so; `vitest -u` records it anew.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lines } from "./lines.ts";
import { perform } from "./notation.ts";
import type { Line, World } from "./notation.ts";
import { isErrnoWord, onLinux, worlds } from "./worlds.ts";

const path = new URL("linux-transcript.txt", import.meta.url);
const recorded = readFileSync(path, "utf8")
  .split("\n\n")
  .filter((story) => story !== "");

/** The lists that were recorded: always the same. */
const lists = fc.sample(lines, { seed: 20_261_125, numRuns: 80 });

const verbsOfOurs =
  "fstat link lstat mkdir open pread pwrite read readdir readlink rename rmdir stat symlink truncate unlink write fsync close".split(
    " ",
  );

/** Every operation and its result, a line each, then what the tree has become. */
function tell(make: () => World, list: readonly Line[]): string {
  const world = make();
  try {
    const results = list.map((line) => `${line} -> ${perform(world, line)}`);
    return [...results, `tree -> ${world["tree"]().replaceAll("\n", " | ")}`].join("\n");
  } finally {
    world["end"]();
  }
}

/** The operations of a story. */
function operations(story: string): readonly Line[] {
  return story
    .split("\n")
    .slice(0, -1)
    .map((line) => line.slice(0, line.indexOf(" -> ")));
}

describe("what Linux said", () => {
  test.each(["model", "memory", "disk", "disk by paths"] as const)("is what the %s does", (name) => {
    for (const story of recorded) expect(tell(worlds[name], operations(story))).toBe(story);
  });

  test("speaks of every operation, failed and not", () => {
    const results = recorded.flatMap((story) => story.split("\n").map((line) => line.split(" -> ")));
    const verbs = new Set(results.map(([line]) => line.split(" ")[0]));
    const failed = new Set(
      results.filter(([, result]) => isErrnoWord(result)).map(([line, result]) => `${line.split(" ")[0]} ${result}`),
    );
    const silent = [...verbsOfOurs, "tree"].filter((verb) => !verbs.has(verb));
    expect(silent).toEqual([]);
    expect(failed.size).toBeGreaterThan(50);
  });

  const why = onLinux ? "" : ` (skipped: ${process.platform} is no Linux)`;
  test.runIf(onLinux)(`is what it still says${why}`, async () => {
    const told = lists.map((list) => tell(worlds.host, list)).join("\n\n");
    await expect(`${told}\n\n`).toMatchFileSnapshot(path.pathname);
  });
});
