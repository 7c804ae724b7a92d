// The command `merge`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import type { ExitCode } from "../exit-code.ts";
import { once, parseText } from "../flag.ts";

const help = `
What an increment leaves to its parents becomes its own: the merged image needs
no other, and brings back the same memory, byte for byte. It is committed as
every image is, under a number that none has had; nothing is removed.

Examples:
  $ pagelapse merge checkpoints/dirty-bit
  $ pagelapse merge checkpoints/dirty-bit/image-7 --out merged`;

/** Adds the command; `end` is told how it ended. */
export function addMerge(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("merge")
    .description("Make a full image of an image and all that it builds on.")
    .argument("<folder>", "a folder of images (the newest whole one), one image, or a dump by CRIU")
    .addOption(once("--out <folder>", "where the full image goes, made if missing (default: beside it)", parseText))
    .option("--json", "print one JSON object and nothing else")
    .addHelpText("after", help)
    .action(async (folder, options) => {
      const { merge } = await import("./merge.ts");
      end(await merge(folder, options));
    });
}
