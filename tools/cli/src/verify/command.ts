// The command `verify`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import type { ExitCode } from "../exit-code.ts";

const help = `
Every file is looked at: manifests, sizes, digests, CRIU's own files, page maps,
the parent each image names, and the checksum of every page. A folder of images
is judged image by image; one image with all that it builds on.

Exit code 1: an image is damaged, or builds on what is not there.

Examples:
  $ pagelapse verify checkpoints/dirty-bit
  $ pagelapse verify checkpoints/dirty-bit/image-7 --json`;

/** Adds the command; `end` is told how it ended. */
export function addVerify(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("verify")
    .description("Check images byte for byte: what is whole, what is not, and why.")
    .argument("<folder>", "a folder of images, or one image in it")
    .option("--json", "print one JSON object and nothing else")
    .addHelpText("after", help)
    .action(async (folder, options) => {
      const { verify } = await import("./verify.ts");
      end(await verify(folder, options));
    });
}
