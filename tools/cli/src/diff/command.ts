// The command `diff`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import { parseCount } from "../amount.ts";
import type { ExitCode } from "../exit-code.ts";
import { once } from "../flag.ts";

const help = `
Processes and areas that came, went or changed, and each page whose bytes are
other, with the ranges and the bytes that the first one begins with. What is
the same is the same wherever it is kept. Pages that an image leaves to the file
they map are not compared with the file.

Exit code 1: the images differ.

Examples:
  $ pagelapse diff checkpoints/dirty-bit/image-1 checkpoints/dirty-bit/image-2
  $ pagelapse diff before after --json`;

/** Adds the command; `end` is told how it ended. */
export function addDiff(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("diff")
    .description("Compare two images: processes, areas, pages, bytes.")
    .argument("<before>", "an image, a folder of images (the newest whole one), or a dump by CRIU")
    .argument("<after>", "another")
    .addOption(once("--pages <count>", "pages to print", (flag, text) => parseCount(flag, text, 0)).default(40))
    .option("--json", "print one JSON object and nothing else")
    .addHelpText("after", help)
    .action(async (before, after, options) => {
      const { diff } = await import("./diff.ts");
      end(await diff(before, after, options));
    });
}
