// The command `info`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import type { ExitCode } from "../exit-code.ts";
import { mapsOption, ramOption } from "../machine-flags.ts";

const help = `
Examples:
  $ pagelapse info sqlite.mr.gz
  $ pagelapse info true.lackey.gz --maps true.lackey-maps.gz --json`;

/** Adds the command; `end` is told how it ended. */
export function addInfo(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("info")
    .description("Tell what is in a trace: records, bytes, areas at its start and end.")
    .argument("<trace>", "a recorded stream or lackey text, - for stdin")
    .addOption(ramOption())
    .addOption(mapsOption())
    .option("--json", "print one JSON object and nothing else")
    .addHelpText("after", help)
    .action(async (trace, options) => {
      const { info } = await import("./info.ts");
      end(await info(trace, options));
    });
}
