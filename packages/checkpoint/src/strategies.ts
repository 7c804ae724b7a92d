// Every strategy there is, and each by its name.

import { dirtyBit } from "./dirty-bit/dirty-bit.ts";
import { clearBeforeCommit } from "./flawed/clear-before-commit.ts";
import { dirtyBitNoFlush } from "./flawed/dirty-bit-no-flush.ts";
import { residency } from "./flawed/residency.ts";
import { softDirtyNoVmaFlag } from "./flawed/soft-dirty-no-vma-flag.ts";
import { reportAsPrinted, reportBasic, reportIncremental } from "./report/strategies.ts";
import { contentHash } from "./trackers/content-hash.ts";
import { dirtyLog } from "./trackers/dirty-log.ts";
import { softDirty } from "./trackers/soft-dirty.ts";
import { writeProtect } from "./trackers/write-protect.ts";
import type { Strategy } from "./strategy.ts";

/** The one to begin with first. */
export const strategies: readonly Strategy[] = [
  dirtyBit,
  reportBasic,
  reportIncremental,
  reportAsPrinted,
  softDirty,
  writeProtect,
  dirtyLog,
  contentHash,
  dirtyBitNoFlush,
  softDirtyNoVmaFlag,
  residency,
  clearBeforeCommit,
];

/** The strategy of that name, or `undefined`. */
export function strategyNamed(name: string): Strategy | undefined {
  return strategies.find((strategy) => strategy.name === name);
}
