// The command `restore`: its flags and its help. What it does is loaded when it is called.

import { Option } from "@commander-js/extra-typings";
import type { Command } from "@commander-js/extra-typings";
import type { ExitCode } from "../exit-code.ts";
import { once, parseText } from "../flag.ts";

const help = `
raw   process-PID.raw: the pages that hold anything, 4096 bytes each, by address;
      process-PID.json: areas, and for each run of pages its start, pageCount and
      offset in the raw file. What is not listed is zero, or its file's.
core  process-PID.core: an ELF core that gdb opens, without registers.

Memory that processes share is in the file of each. Every page is checked.

Examples:
  $ pagelapse restore checkpoints/dirty-bit --to core --out cores
  $ pagelapse restore checkpoints/dirty-bit/image-3 --out memory`;

/** Adds the command; `end` is told how it ended. */
export function addRestore(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("restore")
    .description("Bring the memory in an image back, a file for each process.")
    .argument("<folder>", "a folder of images (the newest whole one), one image, or a dump by CRIU")
    .addOption(new Option("--to <format>", "raw or core").choices(["raw", "core"] as const).default("raw" as const))
    .addOption(once("--out <folder>", "where files go: new, or empty", parseText).makeOptionMandatory())
    .option("--json", "print one JSON object and nothing else")
    .addHelpText("after", help)
    .action(async (folder, options) => {
      const { restore } = await import("./restore.ts");
      end(await restore(folder, options));
    });
}
