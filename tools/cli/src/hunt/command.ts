// The command `hunt`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import { parseCount } from "../amount.ts";
import type { ExitCode } from "../exit-code.ts";
import { once, parseText } from "../flag.ts";
import { archOption } from "../machine-flags.ts";

const help = `
Random histories of a whole machine, with a store that fails now and then. Each
checkpoint, and the program itself, is judged by a model that shares no code
with any strategy. What is lost is made the shortest scenario that shows it:
without any line of it, or any two, nothing is lost.

The strategy is one that replay knows, or a module of your own (./mine.js) whose
default export, or export named strategy, is one. It may import
@pagelapse/checkpoint, mmu, vfs and vma: they are the command's own.

Examples:
  $ pagelapse hunt --strategy dirty-bit-no-flush
  $ pagelapse hunt --strategy dirty-bit --runs 5k --seed 7
  $ pagelapse hunt --strategy ./mine.js --out lost.scenario --json

Exit codes: 0, no counterexample; 1, one was found and saved; 2, bad usage.`;

/** Adds the command; `end` is told how it ended. */
export function addHunt(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("hunt")
    .description("Play random histories until a strategy loses a byte, and show the shortest.")
    .addOption(once("--strategy <name>", "a strategy, or ./FILE of your own", parseText).makeOptionMandatory())
    .addOption(once("--runs <count>", "histories at most", (flag, text) => parseCount(flag, text, 1)).default(1000, "1000"))
    .addOption(
      once("--seed <number>", "another seed, other histories", (flag, text) => parseCount(flag, text, 0)).default(1, "1"),
    )
    .addOption(once("--out <file>", "where the scenario goes (default: NAME-SEED.scenario)", parseText))
    .addOption(archOption())
    .option("--json", "print one JSON object and nothing else")
    .addHelpText("after", help)
    .action(async (options) => {
      const { huntStrategy } = await import("./hunt.ts");
      end(await huntStrategy(options));
    });
}
