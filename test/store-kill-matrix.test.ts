// Each safeguard of the store of images, left out, is found by the class of faults that it is there for.

import { expect, test } from "vitest";
import type * as FaultClasses from "../packages/checkpoint/test/store/fault-classes.ts";
import { faultClasses } from "../packages/checkpoint/test/store/fault-classes.ts";
import type { FaultClass, Promised } from "../packages/checkpoint/test/store/fault-classes.ts";
import { mutatedModule } from "./mutated-module.ts";
import { safeguards } from "./store/safeguards.ts";
import type { Safeguard } from "./store/safeguards.ts";

const anyOrder: readonly FaultClass[] = ["posix", "posix+garbage", "hostile"];

/** Rows that are found by nothing are safeguards that another one makes superfluous. */
const rows: readonly (readonly [Promised, readonly Safeguard[], readonly FaultClass[]])[] = [
  ["memory", ["fsync of files"], ["ordered", ...anyOrder]],
  ["memory", ["fsync of the image directory"], anyOrder],
  ["memory", ["fsync of the store"], ["strict", "ordered", ...anyOrder]],
  ["memory", ["two generations"], ["damage"]],
  ["memory", ["two generations", "doubt about what is indeterminate"], ["errors", "damage"]],
  ["memory", ["doubt about what is indeterminate"], []],
  ["memory", ["two generations", "removal after all is durable"], [...anyOrder, "errors", "damage"]],
  ["memory", ["checksums"], ["lying-fsync", "damage"]],
  ["memory", ["checksums", "files before the rename"], [...anyOrder, "lying-fsync", "damage"]],
  ["memory", ["checksums", "another name until it is whole"], ["lying-fsync", "damage"]],
  [
    "memory",
    ["checksums", "another name until it is whole", "pages before the manifest"],
    [...anyOrder, "lying-fsync", "damage"],
  ],
  ["memory", ["an older image if the newest is damaged"], ["lying-fsync", "damage"]],
  ["memory", ["no second fsync after an error"], ["errors"]],
  ["memory", ["dirty pages until it is durable"], ["errors"]],
  ["memory", ["a fresh sequence after a failure", "the parent's digest"], ["errors"]],
  ["whole images", ["files before the rename"], ["ordered", ...anyOrder, "errors"]],
  ["whole images", ["another name until it is whole"], ["strict", "ordered", ...anyOrder, "errors"]],
  ["whole images", ["the name of what is removed"], ["strict", "ordered", ...anyOrder, "errors"]],
];

test.each(rows)("the promise of %s, without %j, is broken by %j", async (promise, without, expected) => {
  const edits = without.flatMap((safeguard) => safeguards[safeguard]);
  const { findIn } = await mutatedModule<typeof FaultClasses>("packages/checkpoint/test/store/fault-classes.ts", edits);
  const found = faultClasses.flatMap((faults) => {
    const effort = expected.includes(faults) ? { cap: 8, stride: 7 } : { cap: 2, stride: 307 };
    const problem = findIn(faults, { ...effort, resume: 0, promise });
    return problem === undefined ? [] : [{ faults, problem }];
  });
  expect(
    found.map(({ faults }) => faults),
    found.map(({ faults, problem }) => `${faults}: ${problem}`).join("\n"),
  ).toEqual(expected);
});
