// A process as it is now, for whoever reads it later.

import type { ProcessView, Snapshot } from "@pagelapse/checkpoint";
import { Ram } from "@pagelapse/mmu";

/** A copy of all of memory, made at once: nobody can tell it from a child that shares pages. */
export function copyOf({ architecture, cached, files, memory, space }: ProcessView): Snapshot {
  const copy = new Ram(memory.frameCount);
  memory.read(0, copy.bytes);
  return { view: { architecture, memory: copy, space, files, cached: [...cached] }, end: () => undefined };
}
