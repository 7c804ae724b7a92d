// CRIU's own tool, asked.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why this machine's `crit` cannot be asked; `undefined` if it can. */
export function whyNot(): string | undefined {
  const { error, status, stderr } = spawnSync("crit", ["--help"], { encoding: "utf8" });
  if (error !== undefined) return "crit (Debian: criu) is not installed";
  return status === 0 ? undefined : `crit does not run: ${stderr.trim().split("\n").at(-1)}`;
}

/** What `crit decode` says of a file. */
export interface Decoded {
  readonly magic: string;
  readonly entries: readonly Readonly<Record<string, unknown>>[];
}

/** A directory of image files that crit is asked about. */
export class CritDesk {
  readonly path: string = mkdtempSync(join(tmpdir(), "crit-"));

  put(files: ReadonlyMap<string, Uint8Array>): void {
    for (const [name, bytes] of files) writeFileSync(join(this.path, name), bytes);
  }

  decode(name: string): Decoded {
    return JSON.parse(this.#run(["decode", "-i", name])) as Decoded;
  }

  /** As people read it: flags in words, addresses in hexadecimal. */
  show(name: string): string {
    return this.#run(["show", name]).replaceAll(/\s+/g, " ");
  }

  explore(what: "ps" | "mems" | "rss"): string {
    return this.#run(["x", ".", what]);
  }

  /** The bytes that crit makes of JSON. */
  encode(value: Decoded): Uint8Array {
    return Uint8Array.from(execFileSync("crit", ["encode"], { input: JSON.stringify(value) }));
  }

  clear(): void {
    rmSync(this.path, { recursive: true });
  }

  #run(words: readonly string[]): string {
    return execFileSync("crit", words, { cwd: this.path, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }
}
