#!/usr/bin/env node
// The command `pagelapse`: --version is answered at once, everything else loads what it needs.

import { readVersion } from "./version.ts";

const words = process.argv.slice(2);
if (words.length === 1 && ["-v", "--version"].includes(words[0])) {
  process.stdout.on("error", (reason) => void import("./standard-output.ts").then(({ endUnheard }) => endUnheard(reason)));
  process.stdout.write(`${readVersion()}\n`);
} else {
  const { main } = await import("./main.ts");
  process.exitCode = await main(words);
}
