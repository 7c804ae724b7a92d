// What a verb answers: an errno or a value, and the changes that Linux would have made.

import type { AreaChange } from "./area-change.ts";

/** Why a call failed: errno(3). */
export type Errno =
  | "EACCES"
  | "EAGAIN"
  | "EBADF"
  | "EEXIST"
  | "EFAULT"
  | "EINVAL"
  | "ENOMEM"
  | "EOPNOTSUPP"
  | "EOVERFLOW"
  | "EPERM";

/** The answer to a call. A verb changes nothing: who lets `changes` happen, in order, has done what Linux does. */
export interface Outcome {
  readonly errno: Errno | undefined;
  /** The address that mmap and mremap return, the break that brk returns; else 0. */
  readonly value: number;
  /** A call that fails half way has changes, too. */
  readonly changes: readonly AreaChange[];
}

export function succeed(value: number, changes: readonly AreaChange[] = []): Outcome {
  return { errno: undefined, value, changes };
}

export function fail(errno: Errno, changes: readonly AreaChange[] = []): Outcome {
  return { errno, value: 0, changes };
}
