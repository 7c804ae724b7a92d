// Loaded before a program with --import: at its end it writes the most memory it had, in bytes, to descriptor 3.

import { writeSync } from "node:fs";

process.on("exit", () => {
  writeSync(3, `${process.resourceUsage().maxRSS * 1024}`);
});
