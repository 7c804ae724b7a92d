// After any fault the store has all that was acknowledged, and nothing that never was in memory.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultyFileSystem, printFaultPlan, singleFaultPlans } from "@pagelapse/vfs/faults";
import type { FaultPlan } from "@pagelapse/vfs/faults";
import { DiskFileSystem } from "@pagelapse/vfs/node";
import { expect, test } from "vitest";
import { counts, faultClasses, findBySecondCrashes, findIn, work, wrong } from "./fault-classes.ts";

test.each(faultClasses)("whole images are all that a fault of the class %s leaves, and no memory is lost or wrong", (faults) => {
  expect(findIn(faults, { cap: 10, stride: faults === "errors" ? 17 : 59, resume: 16, promise: "whole images" })).toBeUndefined();
});

test.each(["posix", "hostile"] as const)("a crash after a crash under the profile %s takes nothing that was there", (profile) => {
  expect(findBySecondCrashes(profile, { cap: 8, every: 71 })).toBeUndefined();
});

/** Runs the workload on a directory of the host, then looks what is found there. */
function onDisk(plan: FaultPlan): { readonly calls: FaultyFileSystem["calls"]; readonly problem: string | undefined } {
  const directory = mkdtempSync(join(tmpdir(), "pagelapse-store-"));
  try {
    const faulty = new FaultyFileSystem(new DiskFileSystem(directory), plan);
    const told: string[] = [];
    const { begun, openFiles } = work(faulty, (memory) => told.push(memory));
    const problem = openFiles > 0 ? "a file is left open" : undefined;
    return { calls: faulty.calls, problem: problem ?? wrong(new DiskFileSystem(directory), begun, told.at(-1), "whole images") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("on a disk whose calls fail, no memory is lost or wrong, no part of an image shows, and no descriptor is left", () => {
  const openBefore = descriptors();
  const calm = onDisk([]);
  expect(calm.problem).toBeUndefined();
  const effects = [
    { kind: "refused", errno: "EIO" },
    { kind: "done", errno: "EIO" },
    { kind: "refused", errno: "ENOSPC" },
    { kind: "short", byteCount: 1 },
  ] as const;
  const plans = [...singleFaultPlans(calm.calls, effects)].filter((_, index) => index % 151 === 0);
  const problems = plans.flatMap((plan) => {
    const { problem } = onDisk(plan);
    return problem === undefined ? [] : [`${printFaultPlan(plan)}: ${problem}`];
  });
  expect(problems).toEqual([]);
  expect(plans.length).toBeGreaterThan(20);
  expect(descriptors()).toBe(openBefore);
});

/** How many descriptors this process has open, where the host says. */
function descriptors(): number {
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
}

test("enough was tried, and it ended in every way", () => {
  expect(counts.crashes).toBeGreaterThan(2000);
  expect(counts.errors).toBeGreaterThan(150);
  expect(counts.damages).toBeGreaterThan(300);
  const { newest, older, none, rejected } = counts;
  expect(Math.min(newest, older, none, rejected)).toBeGreaterThan(100);
});
