// The version, as the package says it.

import { readFileSync } from "node:fs";

/** Reads the version of the installed command. */
export function readVersion(): string {
  const manifest: { readonly version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return manifest.version;
}
