// Every strategy there is, and each by its name.

import { clearBeforeCommit } from "./flawed/clear-before-commit.ts";
import { dirtyBitByAddress } from "./flawed/dirty-bit-by-address.ts";
import { dirtyBitNoFlush } from "./flawed/dirty-bit-no-flush.ts";
import { residency } from "./flawed/residency.ts";
import { softDirtyNoVmaFlag } from "./flawed/soft-dirty-no-vma-flag.ts";
import { imageParts } from "./increment/image-parts.ts";
import type { ImageStrategy } from "./increment/image-strategy.ts";
import { reportAsPrinted, reportBasic, reportIncremental } from "./report/strategies.ts";
import type { Strategy } from "./strategy.ts";
import { contentHash } from "./trackers/content-hash.ts";
import { dirtyBit } from "./trackers/dirty-bit.ts";
import { dirtyLog } from "./trackers/dirty-log.ts";
import { forked } from "./trackers/forked.ts";
import { softDirty } from "./trackers/soft-dirty.ts";
import { subPage } from "./trackers/sub-page.ts";
import { writeProtect } from "./trackers/write-protect.ts";

/** Those that make images, which parts can be added to. */
const imageStrategies: readonly ImageStrategy[] = [
  dirtyBit,
  softDirty,
  writeProtect,
  dirtyLog,
  contentHash,
  subPage,
  forked,
  dirtyBitNoFlush,
  dirtyBitByAddress,
  softDirtyNoVmaFlag,
  residency,
  clearBeforeCommit,
];

const [first, ...others] = imageStrategies;

/** The one to begin with first. */
export const strategies: readonly Strategy[] = [first, reportBasic, reportIncremental, reportAsPrinted, ...others];

/**
 * The strategy of that name, or `undefined`. Parts of `imageParts` can be added to one that makes images, each once and in their order:
 * `dirty-bit+unchanged+compressed`.
 */
export function strategyNamed(name: string): Strategy | undefined {
  const [base, ...suffixes] = name.split("+");
  if (suffixes.length === 0) return strategies.find((strategy) => strategy.name === base);
  let strategy = imageStrategies.find((known) => known.name === base);
  let last = -1;
  for (const suffix of suffixes) {
    const at = imageParts.findIndex((part) => part.name === suffix);
    if (at <= last) return undefined;
    strategy = strategy?.withParts(suffix, imageParts[at].parts);
    last = at;
  }
  return strategy;
}
