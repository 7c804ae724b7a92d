// The built command, run as a person runs it.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The file that is run, and the traces that come with it. */
export const bin: string = fileURLToPath(new URL("../dist/bin.js", import.meta.url));
export const sqlite: string = fileURLToPath(new URL("../traces/sqlite.mr.gz", import.meta.url));
export const ls: string = fileURLToPath(new URL("../traces/ls.mr.gz", import.meta.url));

/** How a run ended. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run is given beside its words. */
export interface Setting {
  readonly stdin?: Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs `pagelapse` with these words. */
export function run(words: readonly string[], setting: Setting = {}): Promise<Run> {
  return runFile(process.execPath, [bin, ...words], setting);
}

/** Runs a line of sh in which `$PAGELAPSE` is the command. */
export function shell(line: string, setting: Setting = {}): Promise<Run> {
  const env = { PAGELAPSE: `${process.execPath} ${bin}`, ...setting.env };
  return runFile("sh", ["-c", line], { ...setting, env });
}

function runFile(file: string, words: readonly string[], setting: Setting): Promise<Run> {
  return new Promise((resolve, reject) => {
    const { FORCE_COLOR: _, NO_COLOR: __, ...env } = process.env;
    const child = spawn(file, words, { cwd: setting.cwd, env: { ...env, ...setting.env }, stdio: "pipe" });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (block: Buffer) => out.push(block));
    child.stderr.on("data", (block: Buffer) => err.push(block));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }));
    child.stdin.on("error", () => {
      // Who refuses its input does not read it to the end.
    });
    child.stdin.end(setting.stdin);
  });
}

/** A folder of a test's own, and what is written into it. */
export class Desk {
  readonly path: string = mkdtempSync(join(tmpdir(), "pagelapse-test-"));

  /** Writes a file; its path is returned. */
  put(name: string, bytes: Uint8Array | string): string {
    const path = join(this.path, name);
    writeFileSync(path, bytes);
    return path;
  }

  clear(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
