// The host's errors as errnos.

import { fail, isErrno } from "../errno.ts";
import type { Failure } from "../errno.ts";

/**
 * What `act` returns, or the errno of the error that the host threw; one that has no name here is EIO. What is no error
 * of the host is thrown on.
 */
export function attempt<Result>(act: () => Result): Result | Failure {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && typeof error.code === "string") || !("syscall" in error)) throw error;
    return fail(isErrno(error.code) ? error.code : "EIO");
  }
}
