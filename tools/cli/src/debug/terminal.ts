// A session on a terminal: a prompt, a line editor with history and completion, and ^C.

import { createInterface } from "node:readline/promises";
import type { Interface } from "node:readline/promises";
import { completionsOf } from "./completion.ts";
import { commands } from "./command-table.ts";
import { historyLimit, readHistory, writeHistory } from "./history-file.ts";
import { perform } from "./perform.ts";
import type { Form } from "./perform.ts";
import type { Session } from "./session.ts";
import { formatCount } from "../quantity.ts";

/** Reads and performs commands until the user has enough. */
export async function converse(session: Session, form: Form): Promise<void> {
  let history = readHistory();
  const editor = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: true,
    history,
    historySize: historyLimit,
    removeHistoryDuplicates: true,
    completer: async (line: string): Promise<[string[], string]> => {
      const [hits, part] = await completionsOf(commands, session, line);
      return [[...hits], part];
    },
  });
  editor.on("history", (lines) => (history = lines));
  try {
    await readLines(editor, session, form);
  } finally {
    editor.close();
    writeHistory(history);
  }
}

/** A line at a time, also where more were typed ahead. An empty one repeats the last command. */
async function readLines(editor: Interface, session: Session, form: Form): Promise<void> {
  const lines: string[] = [];
  let isClosed = false;
  let isBusy = false;
  let wake = (): void => {};
  editor.on("line", (line) => {
    lines.push(line);
    wake();
  });
  editor.on("close", () => {
    isClosed = true;
    wake();
  });
  editor.on("SIGINT", () => {
    if (isBusy || lines.length > 0) {
      lines.length = 0;
      session.interrupt();
      return;
    }
    process.stdout.write("^C\n");
    editor.write(null, { ctrl: true, name: "e" });
    editor.write(null, { ctrl: true, name: "u" });
    prompt(editor, session);
  });
  let repeat = "";
  for (;;) {
    if (lines.length === 0 && !isClosed) {
      prompt(editor, session);
      await new Promise<void>((resolve) => (wake = resolve));
    }
    const typed = lines.shift();
    if (typed === undefined) {
      if (!isClosed) continue;
      process.stdout.write("\n");
      return;
    }
    const line = typed.trim() === "" ? repeat : typed;
    if (line === "") continue;
    isBusy = true;
    const performed = await perform(session, line, form);
    isBusy = false;
    if (performed.outcome === "quit") return;
    repeat = performed.repeat;
  }
}

/** How far one is, and which event happens next: `24% 24,433> `. */
function prompt(editor: Interface, session: Session): void {
  const { moment, end, surroundings } = session;
  const percent = end === 0 ? 0 : Math.floor((moment / end) * 100);
  editor.setPrompt(`${surroundings.paint("bold", `${percent}% ${formatCount(moment)}>`)} `);
  editor.prompt();
}
