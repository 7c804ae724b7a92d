// What the person who runs this command calls it, so that the commands it suggests can be copied.

import { relative } from "node:path";

/** `pagelapse`, or `node` and its file when it was started that way. */
export function commandName(): string {
  const file = process.argv[1] ?? "";
  return file.endsWith("bin.js") ? `node ${relative(process.cwd(), file)}` : "pagelapse";
}
