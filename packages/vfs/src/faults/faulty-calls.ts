// Which calls can fail how, and every plan that makes one of the calls of a run fail.

import type { Errno } from "../errno.ts";
import type { FileSystem } from "../file-system.ts";
import type { FaultEffect, FaultPlan } from "./fault-plan.ts";

/** A call of a file system. */
export type Call = Exclude<keyof FileSystem, "root" | "absoluteLinks">;

/** What is tried of each call that can fail so, unless said otherwise. */
export const commonFaults: readonly FaultEffect[] = [
  { kind: "refused", errno: "EIO" },
  { kind: "done", errno: "EIO" },
  { kind: "refused", errno: "ENOSPC" },
  { kind: "refused", errno: "EINTR" },
  { kind: "short", byteCount: 0 },
  { kind: "short", byteCount: 1 },
  { kind: "lost", errno: "EIO" },
  { kind: "clean", errno: "EIO" },
];

/** Calls that fail with an errno; any call fails with one that is not here. */
const callsOf: Readonly<Partial<Record<Errno, readonly Call[]>>> = {
  // Blocks are found for a delayed allocation when the file is synced or closed.
  ENOSPC: ["create", "mkdir", "symlink", "link", "rename", "write", "truncate", "fsync", "close"],
  EDQUOT: ["create", "mkdir", "symlink", "link", "rename", "write", "truncate", "fsync", "close"],
  EMFILE: ["create", "open"],
  ENFILE: ["create", "open"],
  EROFS: ["create", "mkdir", "symlink", "link", "unlink", "rmdir", "rename", "open", "write", "truncate"],
  EEXIST: ["create", "mkdir", "symlink", "link"],
  ENAMETOOLONG: ["lookup", "create", "mkdir", "symlink", "link", "unlink", "rmdir", "rename"],
};

/** Calls that change nothing: one that is done and refused is as good as refused. */
const looks: readonly Call[] = ["lookup", "getattr", "readlink", "readdir", "read"];

/** Whether a fault can happen to a call; it passes over one to which it cannot. */
export function canHappenTo(call: Call, effect: FaultEffect): boolean {
  switch (effect.kind) {
    case "short":
      return call === "read" || call === "write";
    case "lost":
    case "clean":
      return call === "fsync";
    case "done":
      return !looks.includes(call) && (callsOf[effect.errno]?.includes(call) ?? true);
    case "refused":
      return callsOf[effect.errno]?.includes(call) ?? true;
  }
}

/**
 * Every plan with one fault for a run that made these calls (`FaultyFileSystem.calls`): each call with each effect that can
 * happen to it, once, and from then on.
 */
export function* singleFaultPlans(calls: readonly Call[], effects: readonly FaultEffect[] = commonFaults): Generator<FaultPlan> {
  for (const [index, call] of calls.entries())
    for (const effect of effects)
      if (canHappenTo(call, effect))
        for (const repeat of ["once", "from-then-on"] as const) yield [{ call: index + 1, repeat, effect }];
}
