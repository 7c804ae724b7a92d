// The strategies that teach by being wrong, in the whole machine: what each loses first, beside one that does not.

import { strategyNamed } from "@pagelapse/checkpoint";
import type { Strategy } from "@pagelapse/checkpoint";
import { parseScenario, runScenario } from "@pagelapse/trace";
import { expect, test } from "vitest";

function named(name: string): Strategy {
  const strategy = strategyNamed(name);
  if (strategy === undefined) throw new Error(`no strategy ${name}`);
  return strategy;
}

/** What went wrong, in the words of `expect` lines. */
function foundBy(name: string, text: string): string {
  return runScenario(parseScenario(text), { strategies: [named(name)] })[0].found.join(", ");
}

test.each([
  [
    "dirty-bit-no-flush",
    "dirty-bit",
    ["map A 1 rw anon", "w A.0 1", "checkpoint K0", "w A.0 2", "checkpoint K1"],
    "loses A.0 at K1",
  ],
  ["residency", "dirty-bit", ["map A 1 rw anon", "w A.0 1", "swapout A.0", "checkpoint K0"], "loses A.0 at K0"],
  [
    "soft-dirty-no-vma-flag",
    "soft-dirty",
    [
      "file f@0 1",
      "map A 1 rw file-shared f@0",
      "w A.0 3",
      "checkpoint K0",
      "w A.0 4",
      "unmap A",
      "map A 1 rw file-shared f@0",
      "checkpoint K1",
    ],
    "loses A.0 at K1",
  ],
])("%s loses a page where %s does not", (flawed, right, lines, loss) => {
  const text = ["machine x86-64 swap 4", ...lines].join("\n");
  expect([foundBy(flawed, text), foundBy(right, text)]).toEqual([loss, "holds"]);
});

test.each(["soft-dirty", "write-protect"])("%s takes no W from a page that the kernel would copy away from a device", (name) => {
  const history = "map A 1 rw anon\nw A.0 1\npin P A.0\ncheckpoint K0\nw A.0 2\ndev P 3\nunpin P\ncheckpoint K1";
  const founds = ["5.10", "6.18"].map((kernel) => foundBy(name, `machine x86-64 kernel ${kernel}\n${history}`));
  expect(founds).toEqual(["fails at K0", "holds"]);
});
