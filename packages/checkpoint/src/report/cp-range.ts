// The lab report's `cp_range_internal`, after it has copied its arguments from user memory and checked them.

import type { CheckpointResult } from "../strategy.ts";
import type { Tracked } from "../tracked.ts";
import { countPresent } from "../count-present.ts";
import { recordBytes, reportFileName } from "./page-record.ts";
import { walkThroughVmas } from "./walk-through-vmas.ts";

/**
 * Writes the pages of [start, end) to `cp_<pid>_<check_count>` and counts `check_count` on, whatever came of it: the report
 * looks at no result, so the system call returns 0. `failed` says that the file did not open; failed and short writes show
 * only in the file.
 */
export function cpRange(tracked: Tracked, start: number, end: number, incremental: 0 | 1): CheckpointResult {
  const path = reportFileName(tracked.space.pid, tracked.checkCount);
  const names = { strategy: incremental === 1 ? "report-incremental" : "report-basic", name: path };
  tracked.begun(names);
  const presentPages = countPresent(tracked);
  const walked = walkThroughVmas(tracked, start, end, incremental, path);
  tracked.countCheck();
  if (walked.kind === "refused") {
    tracked.failed({ ...names, reason: walked.reason });
    return { kind: "failed", path, reason: `${path} did not open: ${walked.reason}` };
  }
  const { pagesSaved, byteCount, savablePages } = walked;
  tracked.committed({ ...names, pagesSaved, byteCount });
  return {
    kind: "committed",
    path,
    pagesSaved,
    byteCount,
    presentPages,
    fullBytes: savablePages * recordBytes(tracked.architecture),
  };
}
