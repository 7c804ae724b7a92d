// The command `debug`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import type { ExitCode } from "../exit-code.ts";

const help = `
On a terminal, commands are read with history and completion: help lists them.
They are those of gdb and rr where these have them. Without a terminal, stdin is
a script, a command a line; the first that fails ends it, with exit code 1.

Examples:
  $ pagelapse debug run.plr
  $ pagelapse debug run.plr --batch -ex 'goto 50%' -ex 'x/8xg [heap]'
  $ pagelapse debug run.plr --batch --json -ex 'goto end' -ex 'last 0x4a03010'
  $ echo 'continue' | pagelapse debug run.plr -ex 'break checkpoint-committed'`;

/** Adds the command; `end` is told how it ended. */
export function addDebug(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("debug")
    .description("Walk through a recording, forwards and backwards, and ask of any byte\nwho wrote it.")
    .argument("<recording>", "a file that `replay --record` has written")
    .option(
      "--ex <command>",
      "run a command first; -ex, too, and again for more",
      (text, before: readonly string[]) => [...before, text],
      [],
    )
    .option("--batch", "end after these commands, without reading others")
    .option("--json", "print a JSON object a command, on a line of its own")
    .addHelpText("after", help)
    .action(async (recording, options) => {
      const { debug } = await import("./debug.ts");
      end(await debug(recording, options));
    });
}

/** The words of a command line as commander takes them: `-ex`, which people know from gdb, is no short flag to it. */
export function withLongFlags(words: readonly string[]): readonly string[] {
  return words[0] === "debug" ? words.map((word) => (word === "-ex" ? "--ex" : word)) : words;
}
