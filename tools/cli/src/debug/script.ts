// A session without a terminal: the commands of a script, of which the first that fails is the last.

import { createInterface } from "node:readline";
import { perform } from "./perform.ts";
import type { Form } from "./perform.ts";
import type { Session } from "./session.ts";

/** How a list of commands ended. */
export type ScriptEnd = "done" | "failed" | "quit";

/** Performs commands one after the other, until one fails or ends the session. Empty lines and comments do nothing. */
export async function performAll(
  session: Session,
  lines: Iterable<string> | AsyncIterable<string>,
  form: Form,
): Promise<ScriptEnd> {
  for await (const line of lines) {
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const { outcome } = await perform(session, line, form);
    if (outcome !== "done") return outcome;
  }
  return "done";
}

/** The lines of stdin. */
export function standardInputLines(): AsyncIterable<string> {
  return createInterface({ input: process.stdin, terminal: false });
}
