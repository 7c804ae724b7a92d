// A long trace made of a short one: the records once with the magic, then again and again without.

import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";

const magicBytes = 8;

/**
 * Writes a recorded stream that holds the one in `from` (gzip) so many times over, as members of one gzip file. Each time
 * round its START records map everything anew.
 */
export function writeRepeated(from: string, to: string, times: number): void {
  const once = readFileSync(from);
  const again = gzipSync(gunzipSync(once).subarray(magicBytes));
  writeFileSync(to, Buffer.concat([once, ...Array.from({ length: times - 1 }, () => again)]));
}
