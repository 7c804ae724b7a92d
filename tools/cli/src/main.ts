// The command from its words to its exit code: whatever goes wrong ends here, in one line.

import { undoEverything, watchSignals } from "./early-end.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { printable } from "./printable.ts";
import { runProgram } from "./program.ts";
import { Refusal } from "./refusal.ts";
import { watchOutput } from "./standard-output.ts";

/** Runs the command with the words after its name. */
export async function main(words: readonly string[]): Promise<ExitCode> {
  watchOutput();
  watchSignals();
  try {
    return await runProgram(words);
  } catch (reason) {
    undoEverything();
    process.stderr.write(`pagelapse: ${reason instanceof Refusal ? reason.message : faultLine(reason)}\n`);
    return reason instanceof Refusal ? exitCodes.refused : exitCodes.broken;
  }
}

/** Our own mistake, told so that it can be reported: the error and the place in the program it came from. */
function faultLine(reason: unknown): string {
  const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  const place = reason instanceof Error ? /at .*?([\w-]+\.[jt]s:\d+:\d+)/.exec(reason.stack ?? "")?.[1] : undefined;
  return printable(
    `a fault of pagelapse itself, not of its input; please report it: ${text}${place === undefined ? "" : ` (${place})`}`,
  );
}
