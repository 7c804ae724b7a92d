// The laws see each of these mistakes.

import { VM_EXEC, VM_MAYSHARE, VM_MAYWRITE, VM_SHARED, applyAreaChange, canMerge } from "@pagelapse/vma";
import type { Area, AreaChange } from "@pagelapse/vma";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareWithModel, history } from "./both-ways.ts";
import { page } from "./notation.ts";
import type { Call } from "./notation.ts";
import { verbs } from "./process.ts";
import type { Decision, Process, Verbs } from "./process.ts";

const deciding = (change: (decision: Decision, call: Call, process: Process) => Decision): Verbs => ({
  ...verbs,
  decide: (process, call) => change(verbs.decide(process, call), call, process),
});
const applying = (apply: (areas: readonly Area[], change: AreaChange) => readonly Area[]): Verbs => ({ ...verbs, apply });
const calling = (change: (call: Call) => Call): Verbs => ({
  ...verbs,
  decide: (process, call) => verbs.decide(process, change(call)),
});

test.each<[string, Verbs]>([
  [
    "a failing mprotect that takes everything back",
    deciding((decision, call) =>
      call.verb === "mprotect" && decision.errno !== undefined ? { ...decision, changes: [] } : decision,
    ),
  ],
  [
    "a failing madvise that takes everything back",
    deciding((decision, call) =>
      call.verb === "madvise" && decision.errno !== undefined ? { ...decision, changes: [] } : decision,
    ),
  ],
  [
    "an mprotect that goes on behind a hole",
    deciding((decision, call, { areas }) =>
      call.verb === "mprotect" && decision.errno === "ENOMEM"
        ? { ...decision, changes: [...decision.changes, ...beyond(areas, call)] }
        : decision,
    ),
  ],
  [
    "an mprotect that succeeds over a hole",
    deciding((decision, call) =>
      call.verb === "mprotect" && decision.errno === "ENOMEM" ? { ...decision, errno: undefined } : decision,
    ),
  ],
  [
    "a fixed mapping that unmaps nothing first",
    deciding((decision, call) => (call.verb === "mmap" ? { ...decision, changes: decision.changes.slice(-1) } : decision)),
  ],
  [
    "a fixed mapping that replaces though it must not",
    calling((call) => (call.verb === "mmap" ? { ...call, flags: call.flags & ~0x10_0000 } : call)),
  ],
  [
    "a length rounded down",
    calling((call) => ("byteCount" in call ? { ...call, byteCount: Math.floor(call.byteCount / page) * page } : call)),
  ],
  [
    "a move that leaves its source",
    applying((areas, change) => applyAreaChange(areas, change.kind === "area-moved" ? { ...change, source: "kept" } : change)),
  ],
  [
    "a move that keeps nothing",
    applying((areas, change) =>
      applyAreaChange(areas, change.kind === "area-moved" ? { ...change, source: "unmapped" } : change),
    ),
  ],
  [
    "a placement that takes the lowest gap",
    deciding((decision, call, process) =>
      call.verb === "mmap" ? verbs.decide({ ...process, layout: { ...process.layout, mmapBase: 0 } }, call) : decision,
    ),
  ],
  [
    "a placement that forgets the guard of a stack",
    deciding((decision, call, process) =>
      call.verb === "mmap" ? verbs.decide({ ...process, layout: { ...process.layout, stackGuardBytes: 0 } }, call) : decision,
    ),
  ],
  [
    "areas that never merge",
    applying((areas, change) =>
      change.kind === "area-mapped"
        ? [...areas, change.area].toSorted((a, b) => a.start - b.start)
        : applyAreaChange(areas, change),
    ),
  ],
  ["areas that merge across files and offsets", applying((areas, change) => joinAll(applyAreaChange(areas, change), () => true))],
  [
    "areas that merge across flags",
    applying((areas, change) =>
      joinAll(applyAreaChange(areas, change), (left, right) => canMerge(left, { ...right, flags: left.flags })),
    ),
  ],
  [
    "a split that forgets to count the offset on",
    applying((areas, change) => keepOffsets(areas, applyAreaChange(areas, change))),
  ],
  [
    "shared memory of a read-only file that may become writable",
    deciding((decision, call) =>
      call.verb === "mmap" ? { ...decision, changes: decision.changes.map(sharedForGood) } : decision,
    ),
  ],
  [
    "an unmapping of one page too few",
    applying((areas, change) =>
      applyAreaChange(
        areas,
        change.kind === "area-unmapped" ? { ...change, end: Math.max(change.start, change.end - page) } : change,
      ),
    ),
  ],
  [
    "a heap that grows up to its neighbour",
    deciding((decision, call, process) =>
      call.verb === "brk"
        ? verbs.decide(
            { ...process, areas: process.areas.filter((area) => area.start !== Math.ceil(call.address / page) * page) },
            call,
          )
        : decision,
    ),
  ],
  [
    "a stack that grows by one page",
    deciding((decision, call) =>
      call.verb === "touch"
        ? {
            ...decision,
            changes: decision.changes.map((change) =>
              change.kind === "area-grown" ? { ...change, start: change.end - page } : change,
            ),
          }
        : decision,
    ),
  ],
])("%s is found out", (_, using) => {
  const details = fc.check(
    fc.property(history, (lines) => void compareWithModel(lines, using)),
    { numRuns: 2000, seed: 7, endOnFailure: true },
  );
  expect(details.failed).toBe(true);
});

function beyond(areas: readonly Area[], call: Call & { verb: "mprotect" }): readonly AreaChange[] {
  const last = areas.findLast((area) => area.start > call.start && area.end <= call.start + call.byteCount);
  return last === undefined ? [] : [{ kind: "area-protected", start: last.start, end: last.end, flags: last.flags ^ VM_EXEC }];
}

function joinAll(areas: readonly Area[], may: (left: Area, right: Area) => boolean): readonly Area[] {
  return areas.reduce<readonly Area[]>((done, area) => {
    const last = done.at(-1);
    if (last === undefined || last.end !== area.start || !may(last, area)) return [...done, area];
    return [...done.slice(0, -1), { ...last, end: area.end }];
  }, []);
}

function keepOffsets(before: readonly Area[], areas: readonly Area[]): readonly Area[] {
  return areas.map((area) => {
    const whole = before.find((other) => other.start < area.start && other.end === area.end && other.file === area.file);
    return whole === undefined ? area : { ...area, offset: whole.offset };
  });
}

function sharedForGood(change: AreaChange): AreaChange {
  return change.kind === "area-mapped" && (change.area.flags & VM_MAYSHARE) !== 0
    ? { ...change, area: { ...change.area, flags: change.area.flags | VM_SHARED | VM_MAYWRITE } }
    : change;
}
