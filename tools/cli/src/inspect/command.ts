// The command `inspect`: its flags and its help. What it does is loaded when it is called.

import type { Command } from "@commander-js/extra-typings";
import type { ExitCode } from "../exit-code.ts";

const help = `
Of a folder of images, a line each; of one image, its processes and areas; also
of a dump that CRIU made. All but the bytes of pages is checked; pagelapse verify
reads those, too.

Examples:
  $ pagelapse inspect checkpoints/dirty-bit
  $ pagelapse inspect checkpoints/dirty-bit/image-3 --json`;

/** Adds the command; `end` is told how it ended. */
export function addInspect(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("inspect")
    .description("Tell what is in images: processes, areas, pages, sizes, parents.")
    .argument("<folder>", "a folder of images, or one image in it")
    .option("--json", "print one JSON object and nothing else")
    .addHelpText("after", help)
    .action(async (folder, options) => {
      const { inspect } = await import("./inspect.ts");
      end(await inspect(folder, options));
    });
}
