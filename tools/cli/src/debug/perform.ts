// One line of a session performed: its answer printed, or what is wrong with it.

import { BadRecording } from "@pagelapse/replay";
import { toJsonText } from "../printable.ts";
import { Refusal } from "../refusal.ts";
import { print } from "../standard-output.ts";
import { parseLine } from "./command-line.ts";
import { commands, quitCommand } from "./command-table.ts";
import { Interrupted } from "./session.ts";
import type { Session } from "./session.ts";

/** How answers are printed. */
export type Form = "text" | "json";

/** What became of a line, and what Enter does next. */
export interface Performed {
  readonly outcome: "done" | "failed" | "quit";
  readonly repeat: string;
}

/** Performs a line. What is wrong with it, or with the recording, is told in a line on stderr; in JSON it is an answer, too. */
export async function perform(session: Session, line: string, form: Form): Promise<Performed> {
  try {
    const { command, input } = parseLine(commands, line);
    const { lines, value, repeat } = await command.run(session, input);
    if (command === quitCommand) return { outcome: "quit", repeat: "" };
    const json = { command: line.trim(), moment: session.moment, ...value };
    await print(form === "json" ? `${toJsonText(json)}\n` : lines.map((each) => `${each}\n`).join(""));
    return { outcome: "done", repeat: repeat ?? line };
  } catch (reason) {
    const message = messageOf(reason);
    if (message === undefined) throw reason;
    if (form === "json") await print(`${toJsonText({ command: line.trim(), moment: session.moment, error: message })}\n`);
    else process.stderr.write(`${message}\n`);
    return { outcome: "failed", repeat: line };
  }
}

/** What ends a command, and not the session. */
function messageOf(reason: unknown): string | undefined {
  if (reason instanceof Interrupted) return "interrupted; you are where you were";
  return reason instanceof Refusal || reason instanceof BadRecording ? reason.message : undefined;
}
