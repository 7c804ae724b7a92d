// The command's data, on stdout: written at the reader's pace, and no fuss when the reader leaves.

import { once } from "node:events";
import { undoEverything } from "./early-end.ts";
import { exitCodes } from "./exit-code.ts";
import { errnoText, refusal } from "./refusal.ts";

/**
 * From now on a reader who closes the pipe ends the command quietly, with the exit code that stood already; any other
 * failure to write is a refusal.
 */
export function watchOutput(): void {
  process.stdout.on("error", endUnheard);
  // Where even complaints cannot be written, the exit code tells.
  process.stderr.on("error", () => {});
}

/** Ends the command: its data cannot be written. */
export function endUnheard(reason: NodeJS.ErrnoException): never {
  undoEverything();
  if (reason.code === "EPIPE") process.exit();
  const line = refusal("standard output", "room for the result", errnoText(reason.code ?? reason.message)).message;
  process.stderr.write(`pagelapse: ${line}\n`);
  process.exit(exitCodes.refused);
}

/** Writes text, and waits while the reader has enough. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}
