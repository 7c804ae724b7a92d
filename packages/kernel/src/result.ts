// How commands answer when there is nothing more to say.

import type { Result } from "./command.ts";

/** It was done, and has no value of its own. */
export const done: Result = { kind: "done", value: 0 };

/** It could not be done: errno(3). */
export function failed(errno: string): Result {
  return { kind: "failed", errno };
}
