// What Tab makes of a line that is being typed.

import { parseLine } from "./command-line.ts";
import type { DebugCommand } from "./command-line.ts";
import { Refusal } from "../refusal.ts";
import type { Session } from "./session.ts";

/** The words that could stand where the line ends, and the part of it that they would replace. */
export async function completionsOf(
  commands: readonly DebugCommand[],
  session: Session,
  line: string,
): Promise<readonly [hits: readonly string[], part: string]> {
  const start = line.trimStart();
  const names = [...new Set(commands.flatMap((command) => command.names))].filter((name) => name.startsWith(start)).toSorted();
  if (names.length > 0) return [names.map((name) => `${name} `), start];
  const part = /[^\s,]*$/.exec(line)?.[0] ?? "";
  const words = await wordsFor(commands, session, line);
  return [words.filter((word) => word.startsWith(part)), part];
}

async function wordsFor(commands: readonly DebugCommand[], session: Session, line: string): Promise<readonly string[]> {
  try {
    const words = await parseLine(commands, line).command.completions(session);
    return [...new Set(words)].toSorted();
  } catch (reason) {
    if (reason instanceof Refusal) return [];
    throw reason;
  }
}
