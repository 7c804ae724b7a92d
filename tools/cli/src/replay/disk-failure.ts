// A disk that fails while checkpoints are written: no finding about a strategy, but a reason to end.

import type { Refusal } from "../refusal.ts";
import { errnoText, refusal } from "../refusal.ts";

/** What only the host can have said, and when: the place in the file where it happened, if it was a write. */
export interface DiskFailure {
  readonly errno: string;
  readonly position: number | undefined;
}

/** Errnos that say that the host cannot take a file, whatever was asked of it. */
const hostErrnos: ReadonlySet<string> = new Set(["EACCES", "EDQUOT", "EFBIG", "EIO", "EMFILE", "ENOSPC", "EPERM", "EROFS"]);

/** Tells whether a file operation failed because of the host. `detail` is the detail of any event. */
export function diskFailureIn(detail: object): DiskFailure | undefined {
  if (!("operation" in detail && "errno" in detail && typeof detail.errno === "string" && hostErrnos.has(detail.errno)))
    return undefined;
  const position = "position" in detail && typeof detail.position === "number" ? detail.position : undefined;
  return { errno: detail.errno, position };
}

/** Tells of it, by the name of the checkpoint file on the host. */
export function diskRefusal(path: string, { errno, position }: DiskFailure): Refusal {
  return refusal(path, "a disk that takes a checkpoint file", errnoText(errno), position);
}
