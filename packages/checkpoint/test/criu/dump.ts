// A dump that CRIU made of `dump/tiny.c`.

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const folder = fileURLToPath(new URL("dump", import.meta.url));

/** Its files but those of pages, by name. */
export function dump(): ReadonlyMap<string, Uint8Array> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".img"));
  return new Map(names.map((name) => [name, Uint8Array.from(readFileSync(`${folder}/${name}`))]));
}

/** The bytes of a file of pages, which is kept packed. */
export function dumpedPages(name: string): Uint8Array {
  return Uint8Array.from(gunzipSync(readFileSync(`${folder}/${name}.gz`)));
}
