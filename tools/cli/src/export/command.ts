// The command `export`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import { parseCount } from "../amount.ts";
import type { ExitCode } from "../exit-code.ts";
import { once, parseNames, parseText } from "../flag.ts";
import { describeColumns } from "./describe-columns.ts";

const help = `
One of --parquet, --arrow and --jsonl says what is written. A file that exists
is never written over, and none has its name before it is whole. JSON has a line
an event, as \`events --json\` prints them. The columns of the others:

${describeColumns().join("\n")}

Examples:
  $ pagelapse export run.plr --parquet events.parquet
  $ pagelapse export run.plr --arrow stores.arrow --kind store,kernel-store
  $ pagelapse export run.plr --jsonl start.jsonl --to 10000`;

/** Adds the command; `end` is told how it ended. */
export function addExport(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("export")
    .description("Write the events of a recording to a file that other tools read.")
    .argument("<recording>", "a file that `replay --record` has written")
    .addOption(once("--parquet <file>", "write Apache Parquet", parseText))
    .addOption(once("--arrow <file>", "write an Arrow IPC file (Feather 2)", parseText))
    .addOption(once("--jsonl <file>", "write JSON, an object a line", parseText))
    .addOption(once("--from <moment>", "moment of the first event", (flag, text) => parseCount(flag, text, 0)).default(0))
    .addOption(once("--to <moment>", "moment to end before (default: the end)", (flag, text) => parseCount(flag, text, 0)))
    .addOption(once("--kind <names>", "only events of these kinds", parseNames))
    .option("--json", "print what was written as JSON")
    .addHelpText("after", help)
    .action(async (recording, options) => {
      const { exportEvents } = await import("./export.ts");
      end(await exportEvents(recording, options));
    });
}
