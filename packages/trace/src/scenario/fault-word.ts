// The words of a plan of faults, as `@pagelapse/vfs/faults` writes them: the rest of the line.

import { BadLine, parseFaultPlan, printFaultPlan } from "@pagelapse/vfs/faults";
import type { FaultPlan } from "@pagelapse/vfs/faults";
import type { Word } from "./word.ts";

/** `2 ENOSPC`, `1.. short 100; 9 EIO done`, `none`. An fsync that loses bytes needs a disk, which a scenario has not. */
export const faultWord: Word<FaultPlan> = {
  read(cursor) {
    const expected = "faults of the store, as 2 ENOSPC, 1.. short 100 or none";
    const rest = cursor.restOfLine();
    const plan = readPlan(rest);
    if (plan === undefined || plan.some(({ effect }) => effect.kind === "lost" || effect.kind === "clean"))
      throw cursor.refuse(expected);
    while (cursor.ahead !== undefined) cursor.take(expected);
    return plan;
  },
  write: printFaultPlan,
};

function readPlan(line: string): FaultPlan | undefined {
  try {
    return parseFaultPlan(line);
  } catch (reason) {
    if (reason instanceof BadLine) return undefined;
    throw reason;
  }
}
