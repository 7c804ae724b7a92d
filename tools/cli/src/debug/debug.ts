// `pagelapse debug`: a recording walked through, by hand or by a script.

import { paint } from "../colour.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { startProgress } from "../progress.ts";
import { formatCount } from "../quantity.ts";
import { openRecording } from "../recording-input.ts";
import { print } from "../standard-output.ts";
import type { Form } from "./perform.ts";
import { performAll, standardInputLines } from "./script.ts";
import { Session } from "./session.ts";
import { converse } from "./terminal.ts";

/** The command's flags. */
export interface DebugFlags {
  readonly ex: readonly string[];
  readonly batch?: true;
  readonly json?: true;
}

/** Runs a session. Without a terminal a command that fails ends it, and the exit code says so. */
export async function debug(path: string, flags: DebugFlags): Promise<ExitCode> {
  const form = flags.json === true ? "json" : "text";
  const { timeline, close } = await openRecording(path);
  try {
    const session = new Session(timeline, {
      paint: (tint, text) => paint(process.stdout, tint, text),
      startProgress,
      // A terminal that does not know its width says 0.
      width: (process.stdout.isTTY && process.stdout.columns) || Infinity,
    });
    const isConversation = flags.batch !== true && process.stdin.isTTY;
    if (isConversation && form === "text") await greet(session);
    return await run(session, flags, form, isConversation);
  } finally {
    close();
  }
}

async function run(session: Session, flags: DebugFlags, form: Form, isConversation: boolean): Promise<ExitCode> {
  const first = await performAll(session, flags.ex, form);
  if (isConversation) {
    if (first !== "quit") await converse(session, form);
    return exitCodes.done;
  }
  if (first === "failed") return exitCodes.disproved;
  if (first === "quit" || flags.batch === true) return exitCodes.done;
  return (await performAll(session, standardInputLines(), form)) === "failed" ? exitCodes.disproved : exitCodes.done;
}

async function greet({ timeline, end }: Session): Promise<void> {
  const { architecture, processors } = timeline.machine;
  const machine = `${architecture}, ${processors} ${processors === 1 ? "processor" : "processors"}`;
  const cut = timeline.cut === undefined ? [] : [`It was not closed, and ends early: ${timeline.cut.message}.`];
  await print([`${formatCount(end)} events of ${machine}. help lists the commands.`, ...cut, ""].join("\n"));
}
