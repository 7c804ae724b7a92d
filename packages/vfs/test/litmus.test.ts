// The litmus tests of Ferrite leave as many outcomes here as they do there (Bornholt and others, ASPLOS 2016;
// github.com/uwplse/ferrite, rosette/litmus).

import { lastOnEachKey, profiles } from "@pagelapse/vfs/crash";
import type { Change, Operation, Profile } from "@pagelapse/vfs/crash";
import { describe, expect, test } from "vitest";
import { ran, sights } from "./crash-world.ts";

const blockBytes = 4096;

/** Names change in order; a file's versions too. fsync of a file writes the names as well, as Ferrite's is a barrier. */
function inOrder(change: Change, pending: readonly Operation[]): readonly Operation[] {
  const names = pending.filter((operation) => operation.change.kind === "names" && change.kind === "names");
  return [...lastOnEachKey(change, pending), ...names];
}

function contentOf(inode: number, pending: readonly Operation[]): readonly Operation[] {
  return pending.filter(({ change }) => change.kind === "data" && change.inode === inode);
}

/** SeqFS, ext4 with and without delayed allocation, and AdvFS, which writes a file only when it is synced. */
const models = {
  seq: profiles.strict,
  // A size in a block that the file already has is not ordered after its bytes; one that takes a new block is.
  ext4: {
    ...profiles.ordered,
    name: "ext4",
    after: (change, pending) =>
      change.kind === "size" && Math.ceil(change.size / blockBytes) > Math.ceil(change.from / blockBytes)
        ? [...inOrder(change, pending), ...contentOf(change.inode, pending)]
        : inOrder(change, pending),
  },
  "ext4 nodelalloc": {
    ...profiles.ordered,
    name: "ext4-nodelalloc",
    after: (change, pending) =>
      change.kind === "size" ? [...inOrder(change, pending), ...contentOf(change.inode, pending)] : inOrder(change, pending),
  },
  advfs: {
    ...profiles.ordered,
    name: "advfs",
    after: (change, pending) => (change.kind === "names" ? inOrder(change, pending) : "never"),
  },
} satisfies Readonly<Record<string, Profile>>;

const litmus = {
  "create-rename": "create /0; append /0 xx; rename /0 /1",
  "create-rename, fsync": "create /0; append /0 xx; fsync /0; rename /0 /1",
  replace: "create /0; append /0 x; settle; create /1; append /1 xx; rename /1 /0",
  "replace, fsync": "create /0; append /0 x; settle; create /1; append /1 xx; fsync /1; rename /1 /0",
  "two-appends": "create /0; create /1; append /0 xx; append /1 x; fsync /1",
  "two-appends, fsync": "create /0; create /1; append /0 xx; fsync /0; append /1 x; fsync /1",
  "append-chrome": "create /0; append /0 x*2509; settle; append /0 y*13; append /0 z*2500",
} as const;

describe.each<[keyof typeof litmus, Partial<Record<keyof typeof models, number>>]>([
  ["create-rename", { seq: 4, ext4: 5, advfs: 3 }],
  ["create-rename, fsync", { seq: 4, ext4: 4, advfs: 4 }],
  ["replace", { seq: 4, advfs: 3 }],
  ["replace, fsync", { seq: 4, advfs: 4 }],
  ["two-appends", { seq: 5, advfs: 4 }],
  ["two-appends, fsync", { seq: 5, advfs: 5 }],
  ["append-chrome", { seq: 3, ext4: 7, "ext4 nodelalloc": 4 }],
])("%s", (name, published) => {
  test.each(Object.entries(published))(`under %s it has %i outcomes`, (model, count) => {
    const profile = models[model as keyof typeof models];
    const growth = model === "seq" ? "once" : "block-by-block";
    const outcomes = sights(ran(litmus[name], { profile, blockBytes, growth }), { tearing: "none" });
    expect(outcomes, outcomes.map((text) => text.slice(0, 60)).join("\n")).toHaveLength(count);
  });
});
